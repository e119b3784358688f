"""The steps from the first release to this one."""
