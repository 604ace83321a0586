//! What a tool is connected with.

use crate::system::shell::Shell;

/// What a tool is connected with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Where the gateway listens, without a path.
    pub address: String,
    /// The name of the tool's pass.
    pub pass: String,
    /// The command that prints the pass.
    pub helper: Helper,
    /// The file that holds the pass for a tool that reads one.
    pub pass_file: String,
    /// The models that the pass may use.
    pub models: Vec<Model>,
    /// The id of the model that the person uses.
    pub model: Option<String>,
    /// Whether the tool is to use Usher by itself from then on.
    pub make_default: bool,
    /// After how many minutes without an answer of the gateway its files are restored until that answers again.
    pub restore_after: Option<u32>,
}

/// A command that prints the pass and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// A model that a tool is to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// How many tokens it takes.
    pub context_window: Option<i64>,
}

impl Setup {
    /// Returns the address of the OpenAI dialects.
    pub fn address_with_version(&self) -> String {
        format!("{}/v1", self.address)
    }

    /// Returns the model that the person uses, else the first one.
    pub fn chosen(&self) -> Option<&Model> {
        let chosen = self.models.iter().find(|model| Some(&model.id) == self.model.as_ref());
        chosen.or(self.models.first())
    }
}

impl Helper {
    /// Creates the command of the pass `name`. With a `home` of its own Usher is given that, because the tool may run
    /// without the variable.
    pub fn new(usher: &str, home: Option<&str>, name: &str) -> Self {
        let own = ["pass", "print", name].map(str::to_owned);
        match home {
            Some(home) if !cfg!(windows) => {
                let arguments = [format!("USHER_HOME={home}"), usher.to_owned()].into_iter().chain(own);
                Self { program: "env".to_owned(), arguments: arguments.collect() }
            }
            _ => Self { program: usher.to_owned(), arguments: own.into() },
        }
    }

    /// Returns the command as a line for a shell, as tools run one.
    pub fn line(&self) -> String {
        Shell::of_this_system().line(&self.program, &self.arguments)
    }
}
