"""Inside the gates: one unit whose gates a visitor holds, its memory as water, what training finds.

Import from the modules: `signals` and `holds` do without torch, the others compute.
"""
