//! A session bus of its own with a real gnome-keyring on it. Its rules can refuse calls, as a broken keyring would.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use usher_tests::Home;
use zbus::Connection;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

const SECRETS: &str = "org.freedesktop.secrets";

/// A keyring that is unlocked, and the bus that it is on.
pub(crate) struct Keyring {
    folder: TempDir,
    _bus_daemon: Child,
    _keyring_daemon: Child,
    address: String,
    connection: Connection,
}

impl Keyring {
    /// Starts it; `None` where the programs for it are missing.
    pub(crate) async fn start() -> Option<Self> {
        let missing = ["dbus-daemon", "gnome-keyring-daemon"].into_iter().find(|program| {
            let mut look = std::process::Command::new(program);
            look.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err()
        });
        if let Some(program) = missing {
            assert!(std::env::var_os("CI").is_none(), "{program} is needed here");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("usher-keyring-").tempdir().expect("a temporary folder");
        write_rules(&folder, "");
        let mut command = Command::new("dbus-daemon");
        command.arg(format!("--config-file={}", rules(&folder).display()));
        command.args(["--nofork", "--print-address"]).stdout(Stdio::piped()).kill_on_drop(true);
        let mut bus_daemon = command.spawn().expect("dbus-daemon starts");
        let mut lines = BufReader::new(bus_daemon.stdout.take().expect("its output is piped")).lines();
        let address = lines.next_line().await.expect("it can be read").expect("it prints its address");

        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets", "--unlock"]);
        for variable in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, folder.path());
        }
        // Without a display nobody can be asked, so a call that would ask must time out.
        command.env("DBUS_SESSION_BUS_ADDRESS", &address).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let mut keyring_daemon = command.spawn().expect("gnome-keyring-daemon starts");
        let mut input = keyring_daemon.stdin.take().expect("its input is piped");
        tokio::io::AsyncWriteExt::write_all(&mut input, b"password").await.expect("it reads its password");
        drop(input);

        let connection = zbus::connection::Builder::address(address.as_str()).expect("it is one");
        let connection = connection.build().await.expect("the bus answers");
        let keyring =
            Self { folder, _bus_daemon: bus_daemon, _keyring_daemon: keyring_daemon, address, connection };
        keyring.until_it_is_there().await;
        Some(keyring)
    }

    async fn until_it_is_there(&self) {
        let bus = zbus::fdo::DBusProxy::new(&self.connection).await.expect("the bus answers");
        let mut owners = bus.receive_name_owner_changed().await.expect("it reports new names");
        while !bus.name_has_owner(SECRETS.try_into().expect("a name")).await.expect("it knows its names") {
            futures_util::StreamExt::next(&mut owners).await.expect("the bus goes on");
        }
    }

    /// Has the commands of `home` use it.
    pub(crate) fn serve(&self, home: &mut Home) {
        home.set("DBUS_SESSION_BUS_ADDRESS", &self.address);
        home.set("USHER_SECRETS", "auto");
    }

    /// Returns how many keys of Usher are in it. The entry of a probe that was killed is none.
    pub(crate) async fn entries(&self) -> usize {
        let attributes = std::collections::HashMap::from([("service", "app.usher.Usher")]);
        let answer = self.call("SearchItems", &attributes).await;
        let (unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            answer.body().deserialize().expect("two lists of items");
        let mut keys = 0;
        for item in unlocked.iter().chain(&locked) {
            keys += usize::from(!self.is_probe(item).await);
        }
        keys
    }

    async fn is_probe(&self, item: &OwnedObjectPath) -> bool {
        let name = ("org.freedesktop.Secret.Item", "Attributes");
        let properties = Some("org.freedesktop.DBus.Properties");
        let answer = self.connection.call_method(Some(SECRETS), item, properties, "Get", &name).await;
        let answer = answer.expect("the keyring answers");
        let attributes: OwnedValue = answer.body().deserialize().expect("a value");
        let attributes: std::collections::HashMap<String, String> =
            attributes.try_into().expect("texts by their names");
        attributes.values().any(|value| value.contains("-probe-"))
    }

    /// Locks it with the Secret Service's own method.
    pub(crate) async fn lock(&self) {
        let login = OwnedObjectPath::try_from("/org/freedesktop/secrets/collection/login").expect("a path");
        self.call("Lock", &[login].as_slice()).await;
    }

    async fn call(
        &self,
        method: &str,
        body: &(impl serde::Serialize + zbus::zvariant::DynamicType),
    ) -> zbus::Message {
        let service = Some("org.freedesktop.Secret.Service");
        self.connection
            .call_method(Some(SECRETS), "/org/freedesktop/secrets", service, method, body)
            .await
            .expect("the keyring answers")
    }

    /// Refuses every call of this method from now on.
    pub(crate) async fn refuse(&self, interface: &str, method: &str) {
        let interface = format!("send_interface=\"org.freedesktop.Secret.{interface}\"");
        self.use_rule(&format!(
            "<deny send_destination=\"{SECRETS}\" {interface} send_member=\"{method}\"/>"
        ))
        .await;
    }

    /// Refuses nothing any more.
    pub(crate) async fn refuse_nothing(&self) {
        self.use_rule("").await;
    }

    async fn use_rule(&self, rule: &str) {
        write_rules(&self.folder, rule);
        let bus = zbus::fdo::DBusProxy::new(&self.connection).await.expect("the bus answers");
        bus.reload_config().await.expect("the rules are valid");
    }
}

fn rules(folder: &TempDir) -> PathBuf {
    folder.path().join("bus.conf")
}

fn write_rules(folder: &TempDir, refused: &str) {
    let mut file = std::fs::File::create(rules(folder)).expect("it can be written");
    write!(
        file,
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n\
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><type>session</type><listen>unix:dir={}</listen><auth>EXTERNAL</auth>\n\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
         <allow eavesdrop=\"true\"/><allow own=\"*\"/>{refused}</policy></busconfig>",
        folder.path().display()
    )
    .expect("it can be written");
}
