"""Any subject and any SAE: from a hub, a folder or the embedded wheel, verified, booted and stopped at a hook."""
