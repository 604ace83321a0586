// Prints what the bundler of Tauri adds to src-tauri/tauri.conf.json for the packages of Linux: the files besides the window's
// program, and what the programs are linked with.
//
// Usage: node bundle-config.mjs FOLDER-OF-THE-PROGRAMS
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

const [programs] = process.argv.slice(2);
const root = path.join(import.meta.dirname, "..");
const sources = path.join(root, "src-tauri/package/linux");
const commandLine = path.join(programs, "command-line");
const linked = [path.join(programs, "usher"), path.join(programs, "usher-desktop")];

/**
 * The files of a package: where they are installed, and where they come from. The folders are those of Debian, Fedora and openSUSE,
 * but for the completions of zsh: Debian's zsh alone reads `vendor-completions`, the other two read `site-functions`.
 */
function files(zshFolder) {
  const pages = readdirSync(path.join(commandLine, "man1"));
  return {
    "/usr/bin/usher": path.join(programs, "usher"),
    "/usr/share/bash-completion/completions/usher": path.join(commandLine, "usher.bash"),
    [`${zshFolder}/_usher`]: path.join(commandLine, "usher.zsh"),
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

/** Who is responsible for the packages, `Name <address>`: the releaser says it. The project has no address of its own. */
const maintainer = process.env.PACKAGE_MAINTAINER || undefined;

/** Breaks a text into lines of at most 78 characters, indented as an item of Debian's changelog. */
function item(text) {
  const lines = ["  *"];
  for (const word of text.split(/\s+/)) {
    if (lines.at(-1).length + 1 + word.length > 78) lines.push("   ");
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines.join("\n");
}

/** Writes the changelog in the form that Debian reads, and returns its path. */
function debianChangelog() {
  const { version } = /^version = "(?<version>.*)"$/m.exec(readFileSync(path.join(root, "Cargo.toml"), "utf8")).groups;
  const changes = readFileSync(path.join(root, ".github/CHANGELOG.md"), "utf8").match(/^- .*(?:\n {2}\S.*)*/gm);
  const items = changes.map((change) => item(change.slice(2)));
  const date = execFileSync("git", ["log", "-1", "--format=%cD"], { cwd: root, encoding: "utf8" }).trim();
  const file = path.join(commandLine, "changelog.gz");
  const by = maintainer ?? "The Usher contributors";
  const text = `usher (${version}) unstable; urgency=medium\n\n${items.join("\n")}\n\n -- ${by}  ${date}\n`;
  writeFileSync(file, gzipSync(text, { level: 9 }));
  return file;
}

const licences = (folder, names) => Object.fromEntries(names.map((name) => [`${folder}/${name}`, path.join(root, name)]));
const texts = ["LICENSE-MIT", "LICENSE-APACHE"];
const deb = {
  depends: debianLibraries(),
  files: {
    ...files("/usr/share/zsh/vendor-completions"),
    "/usr/share/doc/usher/copyright": path.join(sources, "copyright"),
    // Not as the bundler's own `changelog`, which it puts beside, into a folder with the name of the window.
    "/usr/share/doc/usher/changelog.gz": debianChangelog(),
  },
};
const rpm = {
  depends: rpmLibraries(),
  files: { ...files("/usr/share/zsh/site-functions"), ...licences("/usr/share/licenses/usher", texts) },
};
const publisher = maintainer === undefined ? {} : { publisher: maintainer };
console.log(JSON.stringify({ bundle: { ...publisher, linux: { deb, rpm } } }));
