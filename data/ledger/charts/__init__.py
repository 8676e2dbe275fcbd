"""Charts: forms that several chapters use (common), and one module for the forms of each chapter."""
