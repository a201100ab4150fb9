"""Campaign, allocation, time and attempt rules, results and reports."""
