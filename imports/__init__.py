"""Lists that staff bring: uploaded or pasted, checked, shown, and carried out after one confirmation."""
