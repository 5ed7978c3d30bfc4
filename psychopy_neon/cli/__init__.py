"""The command `psychopy-neon`: one module per sub-command."""
