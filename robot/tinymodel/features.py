"""Mel cepstra as Kaldi computes them, and the same settings in the words of `conf/mfcc.conf`."""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt

from robot.audio import TELEPHONE_HZ, Samples

Features = npt.NDArray[np.float32]

CEPSTRA = 13
FRAMES_PER_S = 100
_MEL_BINS = 23
_LOW_HZ = 100
_HIGH_HZ = 3700

MFCC_CONF = f"""\
--sample-frequency={TELEPHONE_HZ}
--use-energy=false
--num-mel-bins={_MEL_BINS}
--num-ceps={CEPSTRA}
--low-freq={_LOW_HZ}
--high-freq={_HIGH_HZ}
--dither=0
--allow-upsample=true
--allow-downsample=true
"""


def mfcc(samples: Samples) -> Features:
    """Cepstra of 8 kHz sound, shape (frames, 13), one frame per 10 ms.

    Must equal what libvosk computes from `MFCC_CONF`: the network sees no other input.
    """
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = TELEPHONE_HZ
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = _MEL_BINS
    options.mel_opts.low_freq = _LOW_HZ
    options.mel_opts.high_freq = _HIGH_HZ
    options.num_ceps = CEPSTRA
    options.use_energy = False
    extractor = knf.OnlineMfcc(options)
    extractor.accept_waveform(TELEPHONE_HZ, samples.astype(np.float32).tolist())
    extractor.input_finished()
    rows = [extractor.get_frame(i) for i in range(extractor.num_frames_ready)]
    return np.array(rows, np.float32).reshape(-1, CEPSTRA)
