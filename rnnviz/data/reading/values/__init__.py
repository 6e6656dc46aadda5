"""The values in the columns of a table: numbers, what stands for missing, and what they mean."""
