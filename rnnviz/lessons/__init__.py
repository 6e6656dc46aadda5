"""What a lesson needs: networks trained for it, what they compute of one text, what they remember.

Import from the modules: `settings` and `view` do without torch, the others compute.
"""
