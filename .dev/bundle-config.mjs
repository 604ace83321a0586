// Prints what the bundler of Tauri adds to src-tauri/tauri.conf.json for the packages of Linux: the files besides the window's
// program, and what the programs are linked with.
//
// Usage: node bundle-config.mjs FOLDER-OF-THE-PROGRAMS
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const [programs] = process.argv.slice(2);
const root = path.join(import.meta.dirname, "..");
const sources = path.join(root, "src-tauri/package/linux");
const commandLine = path.join(programs, "command-line");
const linked = [path.join(programs, "usher"), path.join(programs, "usher-desktop")];

/** The files of a package: where they are installed, and where they come from. */
function files() {
  const pages = readdirSync(path.join(commandLine, "man1"));
  return {
    "/usr/bin/usher": path.join(programs, "usher"),
    "/usr/share/bash-completion/completions/usher": path.join(commandLine, "usher.bash"),
    "/usr/share/zsh/vendor-completions/_usher": path.join(commandLine, "usher.zsh"),
    "/usr/share/fish/vendor_completions.d/usher.fish": path.join(commandLine, "usher.fish"),
    ...Object.fromEntries(pages.map((page) => [`/usr/share/man/man1/${page}`, path.join(commandLine, "man1", page)])),
    "/usr/share/icons/hicolor/scalable/apps/usher-desktop.svg": path.join(root, "icons/icon.svg"),
    "/usr/share/metainfo/app.usher.Usher.metainfo.xml": path.join(sources, "app.usher.Usher.metainfo.xml"),
  };
}

/** The packages of Debian that the programs need, with the versions whose functions they call. */
function debianLibraries() {
  const folder = mkdtempSync(path.join(tmpdir(), "usher-libraries-"));
  try {
    // It only runs in the folder of a source package.
    mkdirSync(path.join(folder, "debian"));
    writeFileSync(path.join(folder, "debian/control"), "Source: usher\n\nPackage: usher\nArchitecture: any\n");
    const printed = execFileSync("dpkg-shlibdeps", ["-O", ...linked], { cwd: folder, encoding: "utf8" });
    return printed.trim().replace("shlibs:Depends=", "").split(", ");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The libraries that the programs need, as packages of RPM name them: `libgtk-3.so.0()(64bit)`. */
function rpmLibraries() {
  // The last line needs its end, too, or it is read as a failure.
  const printed = execFileSync("/usr/lib/rpm/elfdeps", ["--requires"], { input: `${linked.join("\n")}\n`, encoding: "utf8" });
  return [...new Set(printed.trim().split("\n"))].sort();
}

const licences = (folder, names) => Object.fromEntries(names.map((name) => [`${folder}/${name}`, path.join(root, name)]));
const texts = ["LICENSE-MIT", "LICENSE-APACHE"];
const deb = {
  depends: debianLibraries(),
  files: { ...files(), "/usr/share/doc/usher/copyright": path.join(sources, "copyright") },
  changelog: path.join(root, ".github/CHANGELOG.md"),
};
const rpm = { depends: rpmLibraries(), files: { ...files(), ...licences("/usr/share/licenses/usher", texts) } };
console.log(JSON.stringify({ bundle: { linux: { deb, rpm } } }));
