//! The arguments of `usher preferences`.

use std::path::PathBuf;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use usher_app::Preference;
use usher_app::view::SecretsPlace;

pub(super) const PREFERENCES_HELP: &str = "Examples:\n  usher preferences\n  \
    usher preferences set proxy http://ada@proxy.example:3128 --password-stdin\n  \
    usher preferences set activity-days 30\n  usher preferences export settings.toml";

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PreferencesCommand {
    /// List all preferences
    #[command(after_help = "Example:\n  usher preferences list")]
    List,
    /// Set one
    #[command(
        after_help = "Examples:\n  usher preferences set hide-personal-data on\n  usher preferences set proxy none\n  usher preferences set ca-file /etc/company-ca.pem"
    )]
    Set {
        /// Which one
        #[arg(value_name = "NAME", value_parser = names())]
        name: Preference,
        /// Its value
        value: String,
        /// Read the password of the proxy from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Check the way to the providers: proxy, certificates, hosts
    #[command(after_help = "Example:\n  usher preferences check-network")]
    CheckNetwork,
    /// Give every setting its default, and keep the old ones in a file
    #[command(
        after_help = "Examples:\n  usher preferences reset\n  usher preferences reset --disconnect --yes"
    )]
    Reset {
        /// Also disconnect all accounts
        #[arg(long)]
        disconnect: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Put the settings back that a reset kept
    #[command(
        after_help = "Example:\n  usher preferences undo-reset ~/.config/usher/config.before-reset-1795953600.toml"
    )]
    UndoReset {
        /// The file that the reset named
        file: PathBuf,
    },
    /// Write the settings to a file, without secrets
    #[command(
        after_help = "Examples:\n  usher preferences export settings.toml\n  usher preferences export > settings.toml"
    )]
    Export {
        /// The file [default: standard output]
        file: Option<PathBuf>,
    },
    /// Take the settings of a file over: shows what would change, and asks
    #[command(
        after_help = "Examples:\n  usher preferences import settings.toml --dry-run\n  usher preferences import settings.toml"
    )]
    Import {
        /// The file
        file: PathBuf,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Show where secrets are kept, or move them: shows what follows, and asks
    #[command(after_help = "Examples:\n  usher preferences secrets\n  usher preferences secrets keyring\n  \
            usher preferences secrets passphrase --passphrase-stdin --yes < passphrase.txt")]
    Secrets {
        /// Where their key is to be; passphrase asks for one, also for another one
        #[arg(value_name = "PLACE", value_parser = places())]
        place: Option<SecretsPlace>,
        /// Read the new passphrase from standard input
        #[arg(long)]
        passphrase_stdin: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Show where the files of Usher are
    #[command(after_help = "Example:\n  usher preferences files")]
    Files,
}

fn names() -> impl clap::builder::TypedValueParser<Value = Preference> {
    let names = Preference::ALL.iter().map(|preference| preference.name());
    PossibleValuesParser::new(names).map(|name| name.parse().expect("only names are possible values"))
}

fn places() -> impl clap::builder::TypedValueParser<Value = SecretsPlace> {
    PossibleValuesParser::new(["keyring", "passphrase", "file"]).map(|name| match name.as_str() {
        "keyring" => SecretsPlace::Keyring,
        "passphrase" => SecretsPlace::Passphrase,
        _ => SecretsPlace::File,
    })
}
