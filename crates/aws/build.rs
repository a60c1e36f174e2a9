//! Compresses the API models into the binary: 1.2 MB of JSON become about 130 KB.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=models");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for entry in fs::read_dir("models").expect("the models lie beside the build script") {
        let path = entry.expect("the folder can be read").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            compress(&path, &out);
        }
    }
}

fn compress(path: &Path, out: &Path) {
    let text = fs::read(path).expect("the model can be read");
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(&text)
        .expect("writing to memory does not fail");
    let bytes = encoder.finish().expect("writing to memory does not fail");
    let name = path.file_stem().expect("a model has a name");
    fs::write(out.join(name).with_extension("z"), bytes).expect("OUT_DIR can be written");
}
