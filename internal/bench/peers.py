"""The same work as dyade's, by other programs' libraries, for `dyade bench`.

peers.py versions                          which there are, as {tool: version}
peers.py TOOL FILE RATE WIDTH HEIGHT       one run, as {"frames", "seconds"}

RATE pictures per second, evenly and in order, as packed BGR of WIDTH x HEIGHT;
scenedetect looks for cuts in all of the film. The clock runs from opening the
file to the last picture: Python's start and imports do not count against a peer.
"""

import importlib.metadata
import json
import sys
import time

PACKAGES = {
    "pyav": "av",
    "opencv": "opencv-python-headless",
    "decord": "decord",
    "scenedetect": "scenedetect",
}


def versions():
    found = {}
    for tool, package in PACKAGES.items():
        try:
            found[tool] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def pyav():
    import av

    def run(path, rate, width, height):
        frames = 0
        with av.open(path) as film:
            stream = film.streams.video[0]
            stream.thread_type = "AUTO"  # on all cores: the fastest that it has
            for frame in film.decode(stream):
                if frame.time * rate + 1e-6 >= frames:
                    frame.to_ndarray(width=width, height=height, format="bgr24")
                    frames += 1
        return frames

    return run


def opencv():
    import cv2

    def run(path, rate, width, height):
        film, frames = cv2.VideoCapture(path, cv2.CAP_FFMPEG), 0
        while film.grab():
            if film.get(cv2.CAP_PROP_POS_MSEC) * rate / 1000 + 1e-6 >= frames:
                cv2.resize(film.retrieve()[1], (width, height))
                frames += 1
        return frames

    return run


def decord():
    import decord
    import numpy

    def run(path, rate, width, height):
        film = decord.VideoReader(path, width=width, height=height)
        times = film.get_frame_timestamp(range(len(film)))[:, 0]
        wanted = numpy.searchsorted(times, numpy.arange(0, times[-1], 1 / rate) - 1e-6)
        for frame in wanted:
            numpy.ascontiguousarray(film[int(frame)].asnumpy()[:, :, ::-1])  # RGB to BGR
        return len(wanted)

    return run


def scenedetect():
    from scenedetect import ContentDetector, SceneManager, open_video

    def run(path, *_):
        scenes = SceneManager()
        scenes.add_detector(ContentDetector())
        return scenes.detect_scenes(open_video(path))

    return run


def main(tool, path, *work):
    run = {"pyav": pyav, "opencv": opencv, "decord": decord, "scenedetect": scenedetect}[tool]()
    work = [int(n) for n in work]
    start = time.perf_counter()
    frames = run(path, *work)
    print(json.dumps({"frames": frames, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    if sys.argv[1:] == ["versions"]:
        print(json.dumps(versions()))
    else:
        main(*sys.argv[1:])
