//! Packs the built page into the program. Without a built page the program is built without one, and says so.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

#[expect(clippy::disallowed_methods, reason = "cargo names the folder of a build script by the environment")]
fn main() -> io::Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", page.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it for build scripts"));
    let files = if page.join("index.html").is_file() {
        files_below(&page)?
    } else {
        println!(
            "cargo:warning=ui/dist has no page, so `usher settings` has none to show; build it with `npm --prefix ui ci && npm --prefix ui run build`"
        );
        Vec::new()
    };
    let mut table = String::from("&[\n");
    for (number, file) in files.iter().enumerate() {
        let packed = format!("{number}.gz");
        fs::write(out.join(&packed), gzipped(&fs::read(file)?)?)?;
        let path = file.strip_prefix(&page).expect("it was found below the folder");
        let path = path.to_str().expect("the page's files have plain names").replace('\\', "/");
        writeln!(
            table,
            "    PageFile {{ path: \"/{path}\", gzipped: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{packed}\")) }},"
        )
        .expect("a String takes any text");
    }
    table.push_str("]\n");
    fs::write(out.join("page_files.rs"), table)
}

/// Returns all files below `folder`, in the order of their names.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        if entry.file_type()?.is_dir() {
            files.extend(files_below(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    Ok(files)
}

fn gzipped(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
