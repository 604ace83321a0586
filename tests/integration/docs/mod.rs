//! README.md and the guide in docs/user: commands are run, shown output is compared, and every error code has an entry.

mod help;
mod output;
mod page;
mod shell;

use std::collections::BTreeSet;

use usher_domain::ErrorCode;
use usher_tests::signed_in;

use self::help::check_by_help;
use self::page::{Page, pages};
use self::shell::{LoginPorts, Shell};

/// Returns what is wrong with the commands of `page`, run in a home of its own.
async fn problems_of(page: &Page, ports: &LoginPorts) -> Vec<String> {
    let mut problems = Vec::new();
    if page.blocks.is_empty() {
        return problems;
    }
    let mut shell = Shell::start(page, ports).await;
    for block in &page.blocks {
        for command in &block.commands {
            let outcome = if block.not_run {
                check_by_help(shell.home(), &command.line).await
            } else {
                shell.run(command).await
            };
            if let Err(why) = outcome {
                problems.push(format!("{}, block in line {}: {why}", page.name, block.line));
            }
        }
    }
    problems
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_ports_commands_in_code_blocks_run_and_print_what_is_shown() {
    let (pages, ports) = (pages(), LoginPorts::default());
    let problems = futures_util::future::join_all(pages.iter().map(|page| problems_of(page, &ports))).await;
    let problems = problems.concat();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_in_sentences_and_tables_exist() {
    let (_sandbox, home) = signed_in().await;
    let mut problems = Vec::new();
    let mut checked = BTreeSet::new();
    for page in pages() {
        for command in page.inline_commands() {
            if checked.insert(command.clone())
                && let Err(why) = check_by_help(&home, &command).await
            {
                problems.push(format!("{}: {why}", page.name));
            }
        }
    }
    assert!(checked.len() > 20, "the documents name commands: {checked:?}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

const WRONG: &str = "\
```sh
usher lgoin
./dev pakcage # comment
```
and `usher models --refesh`

```console
$ usher use gpt-5.5
Another model is used.
```

```sh
# Not run in tests: it is wrong
usher login --devcie
```
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_command_or_output_is_reported() {
    let page = Page::parse("wrong.md", WRONG);
    let lines: Vec<&str> =
        page.blocks.iter().flat_map(|block| &block.commands).map(|command| command.line.as_str()).collect();
    assert_eq!(lines, ["usher lgoin", "./dev pakcage", "usher use gpt-5.5", "usher login --devcie"]);
    let problems = problems_of(&page, &LoginPorts::default()).await;
    assert_eq!(problems.len(), lines.len(), "{problems:?}");
    assert!(problems[2].contains("Another model"), "{problems:?}");
    let (_sandbox, home) = signed_in().await;
    assert_eq!(page.inline_commands(), ["usher models --refesh"]);
    assert!(check_by_help(&home, "usher models --refesh").await.is_err());
}

#[test]
fn blocks_that_are_not_run_are_few_and_have_a_reason() {
    let pages = pages();
    let blocks = || pages.iter().flat_map(|page| page.blocks.iter().map(move |block| (page, block)));
    let not_run = blocks().filter(|(_, block)| block.not_run).count();
    assert!(not_run * 5 < blocks().count(), "{not_run} of {} blocks are not run", blocks().count());
    for (page, block) in blocks() {
        assert!(!block.commands.is_empty(), "{}: nothing to run in line {}", page.name, block.line);
    }
}

/// Each code has a row that names it first, then has what it says, why, and what to do.
#[test]
fn troubleshooting_has_every_error_code() {
    let page = pages().into_iter().find(|page| page.name == "docs/user/troubleshooting.md");
    let rows = page.expect("the page is there").rows;
    for code in ErrorCode::ALL {
        let name = serde_json::to_value(code).expect("a code has a name");
        let name = name.as_str().expect("the name is text");
        let of_code: Vec<_> =
            rows.iter().filter(|row| row.first().is_some_and(|cell| cell == name)).collect();
        let [row] = of_code.as_slice() else { panic!("{name} has {} rows", of_code.len()) };
        assert!(row.len() == 4 && row.iter().all(|cell| !cell.trim().is_empty()), "{name}: {row:?}");
    }
}
