//! A home with files of tools, and a ledger.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use usher_domain::{Failure, PassSecret, UnixTime};
use usher_tools::{
    ConnectionState, Connections, Detected, Disk, Helper, LedgerFile, LedgerStore as _, LocalDisk, Model,
    Preview, Setup, Surroundings, Tool, Undone,
};

pub(crate) const SECRET: &str = "usher_pass_wisteria";

/// A home that is removed with it.
pub(crate) struct Fixture {
    _folder: Option<TempDir>,
    pub(crate) home: PathBuf,
    pub(crate) data: PathBuf,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Self::at(folder.path());
        Self { _folder: Some(folder), ..fixture }
    }

    /// Creates a home whose folders are in one of that name.
    #[cfg(unix)]
    pub(crate) fn in_folder(folder: TempDir, name: &str) -> Self {
        let fixture = Self::at(&folder.path().join(name));
        Self { _folder: Some(folder), ..fixture }
    }

    pub(crate) fn at(folder: &Path) -> Self {
        let (home, data) = (folder.join("home"), folder.join("data"));
        std::fs::create_dir_all(&home).unwrap();
        std::fs::create_dir_all(&data).unwrap();
        Self { _folder: None, home, data }
    }

    /// Writes a file of the home.
    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.home.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.home.join(path)).ok()
    }

    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings::from(self.home.clone(), |_| None)
    }

    pub(crate) fn setup(&self) -> Setup {
        let model =
            |id: &str, name: &str| Model { id: id.into(), name: name.into(), context_window: Some(500_000) };
        Setup {
            address: "http://127.0.0.1:18740".into(),
            pass: "tool".into(),
            helper: Helper::new("usher", None, "tool"),
            pass_file: self.data.join("tool-passes/tool").display().to_string(),
            models: vec![model("gpt-6.2-sol", "GPT-6.2 Sol"), model("gpt-6.2-astra", "GPT-6.2 Astra")],
            model: Some("gpt-6.2-sol".into()),
            make_default: false,
            restore_after: None,
        }
    }

    pub(crate) fn preview(&self, tool: &str, setup: &Setup) -> Preview {
        let surroundings = self.surroundings();
        let ledger = LedgerFile::new(&self.data, &LocalDisk, None);
        let connections = Connections { surroundings: &surroundings, disk: &LocalDisk, ledger: &ledger };
        connections.preview(Tool::find(tool).unwrap(), setup, &Detected::default()).unwrap()
    }

    /// Connects a tool as the command does.
    pub(crate) fn connect(&self, tool: &str, setup: &Setup) -> Result<(), Failure> {
        self.connect_on(&LocalDisk, tool, setup)
    }

    pub(crate) fn connect_on(&self, disk: &dyn Disk, tool: &str, setup: &Setup) -> Result<(), Failure> {
        let surroundings = self.surroundings();
        let ledger = LedgerFile::new(&self.data, disk, None);
        let connections = Connections { surroundings: &surroundings, disk, ledger: &ledger };
        let tool = Tool::find(tool).unwrap();
        let preview = connections.preview(tool, setup, &Detected::default())?;
        connections.begin(tool, setup, &preview, UnixTime(7))?;
        connections.apply(tool, setup, Some(&PassSecret::new(SECRET)))
    }

    pub(crate) fn undo(&self, tool: &str) -> Result<Option<Undone>, Failure> {
        self.undo_on(&LocalDisk, tool)
    }

    pub(crate) fn undo_on(&self, disk: &dyn Disk, tool: &str) -> Result<Option<Undone>, Failure> {
        let surroundings = self.surroundings();
        let ledger = LedgerFile::new(&self.data, disk, None);
        let connections = Connections { surroundings: &surroundings, disk, ledger: &ledger };
        let undone = connections.restore(tool)?;
        connections.finish(tool)?;
        Ok(undone)
    }

    pub(crate) fn suspend_on(&self, disk: &dyn Disk, tool: &str) -> Result<Vec<String>, Failure> {
        let surroundings = self.surroundings();
        let ledger = LedgerFile::new(&self.data, disk, None);
        Connections { surroundings: &surroundings, disk, ledger: &ledger }.suspend(tool)
    }

    /// Connects a suspended tool again as the check does.
    pub(crate) fn connect_again_on(&self, disk: &dyn Disk, tool: &str) -> Result<Vec<String>, Failure> {
        let surroundings = self.surroundings();
        let ledger = LedgerFile::new(&self.data, disk, None);
        let connections = Connections { surroundings: &surroundings, disk, ledger: &ledger };
        let (tool, setup) = (Tool::find(tool).unwrap(), self.setup());
        let preview = connections.preview(tool, &setup, &Detected::default())?;
        let changed = connections.begin_again(tool, &setup, &preview, UnixTime(7))?;
        if changed.is_empty() {
            connections.apply(tool, &setup, Some(&PassSecret::new(SECRET)))?;
        }
        Ok(changed)
    }

    /// Returns the state of the only connection that is not undone.
    pub(crate) fn state(&self) -> Option<ConnectionState> {
        let ledger = LedgerFile::new(&self.data, &LocalDisk, None).load().unwrap();
        let connected = ledger.connections.iter().find(|one| one.state != ConnectionState::Undone);
        connected.map(|one| one.state)
    }

    /// Returns the text of the ledger, which is no secret.
    pub(crate) fn ledger(&self) -> String {
        LedgerFile::new(&self.data, &LocalDisk, None).load().unwrap();
        std::fs::read_to_string(self.data.join(usher_tools::LEDGER_FILE)).unwrap_or_default()
    }

    /// Returns all files of the home with their texts, sorted.
    pub(crate) fn files(&self) -> Vec<(PathBuf, String)> {
        let (mut found, mut folders) = (Vec::new(), vec![self.home.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.push((path, text));
                }
            }
        }
        found.sort();
        found
    }
}

/// The file of each tool that Usher connects, and its format.
pub(crate) const FILES: [(&str, &str); 9] = [
    ("codex", ".codex/config.toml"),
    ("codex-app", ".codex/config.toml"),
    ("claude-code", ".claude/settings.json"),
    ("opencode", ".config/opencode/opencode.jsonc"),
    ("pi", ".pi/agent/models.json"),
    ("aider", ".aider.conf.yml"),
    ("continue", ".continue/config.yaml"),
    ("zed", ".config/zed/settings.json"),
    ("llm", ".config/io.datasette.llm/extra-openai-models.yaml"),
];
