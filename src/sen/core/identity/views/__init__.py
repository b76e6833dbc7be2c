"""Pages: the frame around all work (shell), sign-in, accounts of a school, roles."""
