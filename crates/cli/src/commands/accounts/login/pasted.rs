//! Redirect addresses that a person pastes from a browser on another computer.

use std::io::BufRead;
use std::sync::Arc;

use usher_app::App;
use usher_domain::{ErrorCode, Failure};
use usher_text::messages as m;

use crate::language::language;
use crate::output::Output;
use crate::signals;

/// The longest pasted line; an address is far shorter.
const MAX_PASTED_BYTES: u64 = 64 * 1024;

/// Reads pasted redirect addresses from standard input, one a line.
///
/// On its own thread, because a blocking read cannot be cancelled and the process may exit during one.
pub(super) fn read_pasted_lines(app: Arc<App>, output: Output) {
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        while let Some(line) = pasted_line(std::io::stdin().lock()) {
            let submitting = Arc::clone(&app);
            let submitted = runtime.spawn(async move { submitting.sign_ins.paste_redirect(line).await });
            match runtime.block_on(submitted) {
                Ok(Err(failure)) if failure.code == ErrorCode::BadUrl => {
                    output.print_cause_with_hint(&failure, m::login_paste_again(language()));
                }
                Ok(Err(failure)) => output.print_failure(&failure),
                _ => return,
            }
        }
        // What interrupts a sign-in often closes its input, too, and is the better reason.
        runtime.block_on(signals::received());
        let cause = "no address was pasted; run it in a terminal, or write the address to its standard input";
        app.sign_ins.end(Failure::new(ErrorCode::BadUsage, cause));
    });
}

/// Reads one line; `None` at the end. Text that is not UTF-8 is read as far as it can be: an address is ASCII, and some
/// shells pass it on with a zero byte after each character.
fn pasted_line(from: impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read = from.take(MAX_PASTED_BYTES).read_until(b'\n', &mut line).ok()?;
    line.retain(|&one| one != 0);
    (read > 0).then(|| String::from_utf8_lossy(&line).replace(char::REPLACEMENT_CHARACTER, ""))
}

#[cfg(test)]
mod tests {
    use super::pasted_line;

    #[test]
    fn pasted_line_of_any_encoding_is_read() {
        let mut input: &[u8] = b"\xff\xfe\nh\0t\0t\0p\0\n\0last";
        let mut next = || pasted_line(&mut input);
        assert_eq!(next().as_deref(), Some("\n"));
        assert_eq!(next().as_deref(), Some("http\n"));
        assert_eq!(next().as_deref(), Some("last"));
        assert_eq!(next(), None);
    }
}
