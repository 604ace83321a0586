//! Adds up what is kept of a period, by what people ask for.

use std::collections::{BTreeMap, HashMap};

use crate::activity::totals::{GroupKey, Totals};
use crate::view::{ActivityCounts, ActivityErrors, ActivityGroup, ActivityView, WindowShare};

/// What is kept, of any period.
pub(super) struct Kept {
    /// For how many days.
    pub(super) days: u32,
    pub(super) is_empty: bool,
}

/// Adds up `rows`, which are of the days `days`. `account_name` is given a provider and the id of an account.
pub(super) fn summarize(
    days: Vec<String>,
    Kept { days: kept_days, is_empty }: Kept,
    rows: &[(GroupKey, Totals)],
    account_name: &dyn Fn(&str, &str) -> Option<String>,
) -> ActivityView {
    let places: HashMap<&str, usize> =
        days.iter().enumerate().map(|(place, day)| (day.as_str(), place)).collect();
    let mut all = Totals::default();
    let mut by_day = vec![Totals::default(); days.len()];
    let mut groups = [Groups::new(), Groups::new(), Groups::new(), Groups::new()];
    for (key, totals) in rows {
        let Some(place) = places.get(key.day.as_str()) else { continue };
        all.merge(totals);
        by_day[*place].merge(totals);
        let ids = [&key.tool, &key.model, &key.account, &key.payer];
        for (groups, id) in groups.iter_mut().zip(ids) {
            let group = groups.entry(id.clone()).or_insert_with(|| Group::new(&key.provider, days.len()));
            group.add(*place, totals);
        }
    }
    let [tools, models, accounts, payers] = groups;
    let own_name = |id: &str, _: &str| Some(id.to_owned());
    ActivityView {
        kept_days,
        is_empty,
        total: counts(&all),
        by_day: by_day.iter().map(counts).collect(),
        by_tool: views(tools, &own_name),
        by_model: views(models, &own_name),
        by_account: views(accounts, &|id, provider| account_name(provider, id)),
        by_payer: views(payers, &own_name),
        days,
    }
}

type Groups = BTreeMap<String, Group>;

/// Totals of requests that have something in common.
struct Group {
    provider: String,
    totals: Totals,
    requests: Vec<u64>,
    tokens: Vec<u64>,
}

impl Group {
    fn new(provider: &str, days: usize) -> Self {
        Self {
            provider: provider.to_owned(),
            totals: Totals::default(),
            requests: vec![0; days],
            tokens: vec![0; days],
        }
    }

    fn add(&mut self, place: usize, totals: &Totals) {
        self.totals.merge(totals);
        self.requests[place] += totals.requests;
        let tokens = totals.input.saturating_add(totals.output);
        self.tokens[place] = self.tokens[place].saturating_add(tokens);
    }
}

/// Returns the groups, most tokens first.
fn views(groups: Groups, name: &dyn Fn(&str, &str) -> Option<String>) -> Vec<ActivityGroup> {
    let view = |(id, group): (String, Group)| ActivityGroup {
        name: name(&id, &group.provider),
        counts: counts(&group.totals),
        requests_per_day: group.requests,
        tokens_per_day: group.tokens,
        id,
    };
    let mut views: Vec<ActivityGroup> = groups.into_iter().map(view).collect();
    let tokens = |counts: &ActivityCounts| counts.tokens_in.saturating_add(counts.tokens_out);
    views.sort_by_key(|group| std::cmp::Reverse((tokens(&group.counts), group.counts.requests)));
    views
}

pub(super) fn counts(totals: &Totals) -> ActivityCounts {
    let mut errors: Vec<ActivityErrors> = totals
        .errors
        .iter()
        .map(|(code, requests)| ActivityErrors { code: code.clone(), requests: *requests })
        .collect();
    errors.sort_by_key(|error| std::cmp::Reverse(error.requests));
    let shares = totals.window_share.iter();
    ActivityCounts {
        requests: totals.requests,
        completed: totals.completed,
        stopped: totals.stopped,
        failed: totals.errors.values().sum(),
        errors,
        tokens_in: totals.input,
        tokens_out: totals.output,
        tokens_cached: totals.cached,
        tokens_reasoning: totals.reasoning,
        cache_share: share(totals.cached, totals.input),
        first_word_median_ms: totals.first_output.quantile(0.5),
        first_word_p95_ms: totals.first_output.quantile(0.95),
        window_share: shares
            .map(|(seconds, percent)| WindowShare { window_seconds: *seconds, percent: *percent })
            .collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than two digits")]
fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| (part as f64 / all as f64).min(1.0))
}
