"""Eyes that move as people's do, and what the glasses make of them; ``--gaze-model human``."""
