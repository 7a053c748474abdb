//! Compiles the C shim of the DDS transport against the headers of the very Cyclone DDS that `cyclors` brings.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SHIM: &str = "src/transport/dds/shim.c";
const CYCLORS: &str = "cyclors-0.4.0";

/// Headers that Cyclone's own build generates. Nothing in them changes the layout that the shim looks at.
const GENERATED: [(&str, &str); 4] = [
    ("config.h", ""),
    ("features.h", "#define DDS_IS_STATIC_LIBRARY 1\n"),
    ("version.h", ""),
    (
        "export.h",
        "#define DDS_EXPORT\n#define DDS_NO_EXPORT\n#define DDS_DEPRECATED\n#define DDS_INLINE_EXPORT\n#define DDS_DEPRECATED_EXPORT\n",
    ),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={SHIM}");
    println!("cargo:rerun-if-env-changed=CARGO_HOME");

    let mut build = cc::Build::new();
    let _ = build.file(SHIM).std("c11").warnings(true);
    match cyclone_source() {
        Some(source) => {
            let _ = build
                .define("ROSWAVE_CYCLONE_HEADERS", None)
                .define("_GNU_SOURCE", None)
                .flag("-isystem")
                .flag(stand_ins())
                .flag("-isystem")
                .flag(source.join("src/ddsrt/include"))
                .flag("-isystem")
                .flag(source.join("src/core/ddsi/include"));
        }
        None => println!(
            "cargo:warning=the sources of {CYCLORS} were not found: its private layout is assumed, and checked at start"
        ),
    }
    build.compile("roswave_dds_shim");
}

/// Writes the generated headers' stand-ins and returns the folder to include them from.
fn stand_ins() -> PathBuf {
    let root = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("include");
    let dds = root.join("dds");
    fs::create_dir_all(&dds).expect("the build folder can be written");
    for (name, text) in GENERATED {
        fs::write(dds.join(name), text).expect("the build folder can be written");
    }
    root
}

/// The Cyclone DDS sources inside `cyclors`, wherever cargo keeps it: registry, vendor folder or path.
fn cyclone_source() -> Option<PathBuf> {
    let inside = |package: &Path| {
        let source = package.join("cyclonedds");
        let header = source.join("src/core/ddsi/include/dds/ddsi/ddsi_radmin.h");
        header.is_file().then_some(source)
    };
    from_registry()
        .iter()
        .find_map(|p| inside(p))
        .or_else(|| inside(&from_metadata()?))
}

/// Folders of the registry cache that may hold the package.
fn from_registry() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let Some(registries) = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok()) else {
        return Vec::new();
    };
    registries
        .flatten()
        .map(|registry| registry.path().join(CYCLORS))
        .collect()
}

/// Asks cargo where the package lies.
fn from_metadata() -> Option<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform"])
        .arg(env::var_os("TARGET")?)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let package = &text[text.find("\"name\":\"cyclors\"")?..];
    let key = "\"manifest_path\":\"";
    let path = &package[package.find(key)? + key.len()..];
    Some(Path::new(&path[..path.find('"')?]).parent()?.to_path_buf())
}
