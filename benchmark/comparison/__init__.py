"""Other projects' scores beside ours, on the same reports and windows: `delphi_detection` runs delphi's."""
