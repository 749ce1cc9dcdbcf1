"""Programs that measure speed and quality; each prints one table and names its machine."""
