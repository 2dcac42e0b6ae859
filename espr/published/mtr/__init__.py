"""The text-audio model of Doh et al. (ICASSP 2023), the baseline of the paper's Table 1."""

MTR = "mtr"  # its name on the command line
MTR_SECONDS = 9.91  # that it takes at once
