"""Components and settings for PsychoPy Builder.

PsychoPy imports these modules in every experiment, with or without glasses: they may import
nothing but PsychoPy's experiment package. What they write uses `psychopy_neon.runtime`.
"""
