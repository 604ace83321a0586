// Generated from crates/app/src/view. To renew: UPDATE=1 cargo test -p usher-app --test bindings

export type ProviderId = string;

export type ErrorCode = "access_denied" | "missing_entitlement" | "region_unsupported" | "device_login_disabled" | "port_busy" | "browser_unavailable" | "timeout" | "cancelled" | "malformed_answer" | "clock_skew" | "store_locked" | "passphrase_needed" | "store_unavailable" | "store_corrupt" | "account_problem" | "model_unavailable" | "overloaded" | "host_not_allowed" | "upstream_error" | "bad_usage" | "effort_unsupported" | "tier_unsupported" | "bad_url" | "sign_in_required" | "sign_in_expired" | "sign_in_revoked" | "sign_in_reused" | "sign_in_moved" | "other_account" | "registration_incomplete" | "plan_use_not_allowed" | "connected_app_only" | "invalid_key" | "usage_limit_reached" | "usage_not_included" | "billing" | "rate_limited" | "budget_reached" | "reserve_reached" | "locked" | "offline" | "dns" | "proxy" | "tls" | "challenge_page" | "endpoint_not_found" | "program_missing" | "settings_unusable" | "transfer_unusable" | "transfer_opened" | "passphrase_wrong" | "tool_file_unusable" | "service_failed" | "update_failed" | "internal";

export type UnixTime = number;

export type AccountId = string;

export type Plan = string;

export type SignInRoute = "codex_client" | "plan_usage";

export type PlanUse = "allowed" | "not_allowed";

export type Effort = { 
/**
 * The value that is sent, for example `high`.
 */
id: string, 
/**
 * The server's description; may be empty.
 */
description: string, };

export type Capabilities = { 
/**
 * Accepts images.
 */
images: boolean | null, 
/**
 * Calls tools.
 */
tools: boolean | null, 
/**
 * Calls several tools at once.
 */
parallel_tools: boolean | null, 
/**
 * Supports the verbosity setting.
 */
verbosity: boolean | null, 
/**
 * Has the tier that responds faster and costs more (`service_tier: "priority"`).
 */
fast: boolean | null, };

export type ModelSource = "server" | "table" | "by_hand";

export type Model = { 
/**
 * `slug` or `id`: what is sent as `model`.
 */
id: string, 
/**
 * `display_name`; the id when the provider gives none.
 */
name: string, 
/**
 * `description`; empty when the provider gives none.
 */
description: string, 
/**
 * In tokens.
 */
context_window: number | null, 
/**
 * Reasoning efforts, in the provider's order; empty when the model has none, or none is known.
 */
efforts: Array<Effort>, 
/**
 * The effort that is used when none is chosen.
 */
default_effort: string | null, 
/**
 * Used when none is chosen: the first of the list.
 */
default: boolean, 
/**
 * Whether it generates text. Lists also have models for images, speech or embeddings; those are shown on request.
 */
text: boolean, 
/**
 * Its other capabilities.
 */
capabilities: Capabilities, 
/**
 * The origin of this description.
 */
source: ModelSource, };

export type Role = "main" | "small" | "opus" | "sonnet" | "haiku";

export type Tier = "standard" | "fast";

export type RoleChoice = { 
/**
 * Model id.
 */
model: string | null, 
/**
 * Reasoning effort.
 */
effort: string | null, 
/**
 * Tier.
 */
tier: Tier | null, };

export type RoleEdit = { 
/**
 * Everything that was chosen before is taken away.
 */
reset: boolean, 
/**
 * The model; empty takes it away, and absent leaves what was chosen, as for the others.
 */
model: string | null, 
/**
 * The effort; empty takes it away.
 */
effort: string | null, 
/**
 * The tier.
 */
tier: Tier | null, };

export type Selection = { 
/**
 * Model id; absent means the account's default.
 */
model: string | null, 
/**
 * Effort; absent means the model's default.
 */
effort: string | null, 
/**
 * What other programs' "fast" model maps to.
 */
small: string | null, 
/**
 * Tier of the main model.
 */
tier: Tier | null, 
/**
 * What was chosen for the other roles: effort and tier of the small model, and all of Claude Code's.
 */
roles: { [key in Role]?: RoleChoice }, };

export type Wire = "responses" | "chat_completions";

export type Preset = { 
/**
 * Its id on the command line, and the slug of the provider that it adds.
 */
id: string, 
/**
 * The service's own name.
 */
name: string, 
/**
 * Base address.
 */
base_url: string, 
/**
 * Whether it requires a key.
 */
needs_key: boolean, };

export type UsageWindow = { 
/**
 * Length in seconds: 18,000 is five hours, 604,800 a week.
 */
window_seconds: number, 
/**
 * How much of it is used, 0 to 100.
 */
used_percent: number, 
/**
 * When it starts again.
 */
resets_at: UnixTime | null, 
/**
 * The meter's name when it is not the plan's main one, for example of a single model.
 */
meter: string | null, };

export type SpendLimitScope = "member" | "role" | "group_default" | "workspace_default" | "group_shared" | "workspace_shared";

export type SpendLimit = { 
/**
 * Whose spending it limits.
 */
scope: SpendLimitScope, 
/**
 * How much of it is used, 0 to 100.
 */
used_percent: number, 
/**
 * When it starts again.
 */
resets_at: UnixTime | null, };

export type ResetCredits = { 
/**
 * How many there are.
 */
available: number, 
/**
 * When those expire that do, soonest first. Only the usage endpoint reports it.
 */
expire_at: Array<UnixTime>, };

export type Credits = { 
/**
 * Whether the account has credits at all.
 */
has_credits: boolean, 
/**
 * Whether they never run out.
 */
unlimited: boolean, 
/**
 * A decimal number as the server writes it.
 */
balance: string | null, };

export type LimitReached = { 
/**
 * `rate_limit_reached_type.type`, or `usage_limit_reached` when the response has no sub-case.
 */
reason: string, 
/**
 * When the limit is lifted; `None` if time alone does not lift it.
 */
resets_at: UnixTime | null, };

export type AccountView = { 
/**
 * User id and account id together.
 */
id: AccountId, 
/**
 * The name that people see: their own for it, else the one that it arrived with.
 */
name: string, 
/**
 * May be missing.
 */
email: string | null, 
/**
 * Which of OpenAI's sign-ins it came by.
 */
route: SignInRoute, 
/**
 * Whether the person lets Usher use their plan; absent where one consent gives both.
 */
plan_use: PlanUse | null, 
/**
 * Plan and short account id, which differ between workspaces.
 */
workspace: string, 
/**
 * The plan as OpenAI names it.
 */
plan: Plan, 
/**
 * The plan's name for people.
 */
plan_name: string, 
/**
 * The person's own name for the account.
 */
label: string | null, };

export type StoreKind = "keyring" | "file";

export type StoreView = { 
/**
 * Which one is in use, or would be for the first sign-in; absent if it is unknown.
 */
kind: StoreKind | null, 
/**
 * Set when no keyring is used and the key lies in a file beside the records.
 */
key_beside_records: boolean, 
/**
 * Name under which a damaged file was set aside, if one was.
 */
set_aside: string | null, 
/**
 * What is wrong with it and can be repaired after a yes.
 */
findings: Array<StoreFinding>, };

export type StoreFinding = { "kind": "damaged", 
/**
 * Which file, and what is wrong with it.
 */
reason: string, 
/**
 * The files that would get other names.
 */
files: Array<string>, } | { "kind": "other_key", 
/**
 * Which key and file, and what is wrong with them.
 */
reason: string, 
/**
 * The files that would get other names.
 */
files: Array<string>, } | { "kind": "open_to_others", 
/**
 * The files and folders.
 */
paths: Array<string>, } | { "kind": "lost_key_file", 
/**
 * The key file.
 */
file: string, } | { "kind": "older_copy", 
/**
 * The sealed file.
 */
file: string, };

export type StoreRepair = "set_aside" | "make_private" | "accept_older_copy" | "write_key_back";

export type PackageKind = "crate" | "npm";

export type LicenceView = { 
/**
 * Where it comes from.
 */
kind: PackageKind, 
/**
 * Its name there.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Its licence, as an SPDX expression.
 */
licence: string, 
/**
 * Whether it carries no text of its licence, so that the standard one is shown.
 */
standard_text: boolean, };

export type SecretsPlace = "keyring" | "passphrase" | "file";

export type SecretsView = { 
/**
 * Where the key is; absent before the first sign-in where only a keyring could decide, or if it cannot be read.
 */
place: SecretsPlace | null, 
/**
 * The encrypted file with the secrets.
 */
file: string, 
/**
 * Whether there is one.
 */
exists: boolean, 
/**
 * The process of a gateway that would not have a new passphrase, because nobody can enter it there.
 */
gateway: number | null, };

export type LeftOverKeyView = { 
/**
 * Where it is.
 */
place: SecretsPlace, 
/**
 * Why it could not be removed.
 */
reason: string, };

export type SecretsMoveView = { 
/**
 * Where the key was; absent if nothing was kept yet.
 */
from: SecretsPlace | null, 
/**
 * Where it is now.
 */
place: SecretsPlace, 
/**
 * Whether it was moved; not if it was there already.
 */
moved: boolean, 
/**
 * Old keys that could not be removed. They open no file of this home any more.
 */
left_over: Array<LeftOverKeyView>, 
/**
 * Why the background process does not have the new passphrase, if it runs and needs it.
 */
background: string | null, };

export type PendingRevocationView = { 
/**
 * The key for "try again" and "forget it".
 */
id: string, 
/**
 * Whose sign-in it was.
 */
email: string | null, 
/**
 * Since when it is pending.
 */
since: UnixTime, 
/**
 * When Usher stops trying.
 */
gives_up_at: UnixTime, };

export type FailureView = { 
/**
 * What the interface acts on.
 */
code: ErrorCode, 
/**
 * What was tried and what failed.
 */
cause: string, 
/**
 * When trying again makes sense.
 */
retry_at: UnixTime | null, };

export type UsageView = { 
/**
 * What was seen.
 */
plan: Plan | null, 
/**
 * The windows, shortest first.
 */
windows: Array<UsageWindow>, 
/**
 * The limits of what may be spent, where a workspace has them.
 */
spend_limits: Array<SpendLimit>, 
/**
 * Credits, where the plan has them.
 */
credits: Credits | null, 
/**
 * Resets that the account holds in reserve.
 */
reset_credits: ResetCredits | null, 
/**
 * Set when requests are refused.
 */
limit_reached: LimitReached | null, 
/**
 * When.
 */
seen_at: UnixTime, };

export type Overview = { 
/**
 * Which provider this is.
 */
provider: ProviderId, 
/**
 * Whether tools may use it.
 */
enabled: boolean, 
/**
 * Who is signed in; absent when nobody is.
 */
account: AccountView | null, 
/**
 * How many accounts are signed in, of which none may be in use.
 */
accounts: number, 
/**
 * When the access token ends; it renews by itself.
 */
expires_at: UnixTime | null, 
/**
 * What the person chose for this account.
 */
selection: Selection, 
/**
 * Where the secrets are.
 */
store: StoreView, 
/**
 * Limits as last seen; never fetched for this.
 */
usage: UsageView | null, 
/**
 * The version of the account's model list as last kept; absent without one.
 */
models_version: string | null, 
/**
 * What needs the person, if anything does.
 */
attention: FailureView | null, 
/**
 * Sign-ins that are erased here and whose revocation OpenAI has not confirmed yet.
 */
pending_revocations: Array<PendingRevocationView>, 
/**
 * Host of the authorization server: what the address in the browser must begin with.
 */
issuer: string, 
/**
 * A sign-in is under way in this process.
 */
signing_in: boolean, 
/**
 * Whether the page is still to show, once, that requests of the account in use count on the ChatGPT plan
 * (siwc §13).
 */
plan_use_welcome: boolean, 
/**
 * Since when all passes are locked, if they are.
 */
passes_locked_at: UnixTime | null, };

export type SettingsFileView = { 
/**
 * Where it is.
 */
path: string, 
/**
 * Where and why it cannot be read, for example `line 3, column 11: string values must be quoted`.
 */
error: string | null, 
/**
 * The last valid settings are in force instead.
 */
last_valid: boolean, };

export type Language = "en" | "de" | "fr" | "es" | "ja" | "zh-Hans";

export type LanguageView = { 
/**
 * The one that the user chose; null follows the system.
 */
chosen: Language | null, 
/**
 * The one that the window shows for that.
 */
shown: Language, };

export type UpdateWay = "in_place" | "not_set_up" | "package";

export type FoundUpdateView = { 
/**
 * The version.
 */
version: string, 
/**
 * What is new, as plain text.
 */
notes: string | null, };

export type UpdateProgress = { "at": "downloading", 
/**
 * How much has arrived; null while the size is not known.
 */
percent: number | null, } | { "at": "waiting", 
/**
 * How many.
 */
requests: number, } | { "at": "waiting_for_gateway", 
/**
 * Its process.
 */
process: number, } | { "at": "installing" };

export type UpdatesView = { 
/**
 * The version that runs.
 */
version: string, 
/**
 * How a newer one gets here.
 */
way: UpdateWay, 
/**
 * Whether Usher looks for new versions by itself, once a day.
 */
automatic: boolean, 
/**
 * The newer version that was found last; null where none was.
 */
found: FoundUpdateView | null, 
/**
 * Whether one was looked for since the window was opened.
 */
checked: boolean, 
/**
 * How far an installation is; null while there is none.
 */
progress: UpdateProgress | null, };

export type NameHolder = { 
/**
 * The name on the session bus.
 */
name: string, 
/**
 * Its process id, where the bus says so.
 */
process: number | null, 
/**
 * The name of its program, where the system says so.
 */
program: string | null, 
/**
 * It is an Usher that does not answer.
 */
is_usher: boolean, };

export type LinkPanel = "plan" | "accounts" | "add" | "gateway" | "tools" | "activity" | "preferences";

export type ProposedService = { 
/**
 * The name that people see.
 */
name: string, 
/**
 * Base URL: https, or http on this computer.
 */
base_url: string, 
/**
 * Which API it has, where the link says that.
 */
wire: Wire | null, 
/**
 * How long it may take to the first byte, where the link says that.
 */
timeout_seconds: number | null, };

export type DeepLinkView = { "kind": "open", 
/**
 * Which one.
 */
panel: LinkPanel, } | { "kind": "add", 
/**
 * All that is added.
 */
service: ProposedService, } | { "kind": "rejected", 
/**
 * What is wrong with the link.
 */
cause: string, };

export type SignInMethod = "browser" | "browser_by_name" | "device" | "paste";

export type SignInPurpose = { "kind": "any" } | { "kind": "add_account" } | { "kind": "again", 
/**
 * The account that is to sign in.
 */
account: AccountId, } | { "kind": "allow_plan_use", 
/**
 * The account that did not allow it.
 */
account: AccountId, };

export type OtherAccountChoice = "add" | "decline";

export type SignInEvent = { "event": "open", 
/**
 * The authorize page.
 */
url: string, 
/**
 * Whether the browser was asked to open it.
 */
opened: boolean, 
/**
 * When the wait ends.
 */
expires_at: UnixTime, } | { "event": "port_taken", 
/**
 * The port that could not be had.
 */
port: number, 
/**
 * The program that has it, if the system reports it.
 */
holder: string | null, 
/**
 * The port that is used instead.
 */
using: number, } | { "event": "code", 
/**
 * As the server made it.
 */
user_code: string, 
/**
 * Where to enter it.
 */
url: string, 
/**
 * When the code ends.
 */
expires_at: UnixTime, } | { "event": "answer_ignored" } | { "event": "exchanging" } | { "event": "other_account", 
/**
 * Who signed in.
 */
account: AccountView, 
/**
 * Who was to sign in, and still is signed out; absent if it was removed meanwhile.
 */
expected: AccountView | null, 
/**
 * Whether the account that signed in is among the accounts already.
 */
known: boolean, } | { "event": "signed_in", 
/**
 * Who.
 */
account: AccountView, 
/**
 * Whether the account was not among the accounts before, so that the person may name it.
 */
arrived: boolean, } | { "event": "failed" } & FailureView;

export type ModelView = { 
/**
 * Whether it is the one that requests use.
 */
chosen: boolean, 
/**
 * `slug` or `id`: what is sent as `model`.
 */
id: string, 
/**
 * `display_name`; the id when the provider gives none.
 */
name: string, 
/**
 * `description`; empty when the provider gives none.
 */
description: string, 
/**
 * In tokens.
 */
context_window: number | null, 
/**
 * Reasoning efforts, in the provider's order; empty when the model has none, or none is known.
 */
efforts: Array<Effort>, 
/**
 * The effort that is used when none is chosen.
 */
default_effort: string | null, 
/**
 * Used when none is chosen: the first of the list.
 */
default: boolean, 
/**
 * Whether it generates text. Lists also have models for images, speech or embeddings; those are shown on request.
 */
text: boolean, 
/**
 * Its other capabilities.
 */
capabilities: Capabilities, 
/**
 * The origin of this description.
 */
source: ModelSource, };

export type ModelsView = { 
/**
 * Which provider.
 */
provider: ProviderId, 
/**
 * Whose list.
 */
account: AccountId, 
/**
 * Differs from that of an overview or a provider when any process has kept another list since.
 */
version: string, 
/**
 * When it was fetched.
 */
fetched_at: UnixTime, 
/**
 * The list could not be fetched again; this is the one from `fetched_at`.
 */
stale: FailureView | null, 
/**
 * In the server's order.
 */
models: Array<ModelView>, };

export type Stage = "credential" | "token" | "models" | "answer";

export type CredentialPlace = "keyring" | "file" | "environment" | "codex_cli" | "not_needed";

export type StageFinding = { "kind": "credential", 
/**
 * Where.
 */
place: CredentialPlace, } | { "kind": "token", 
/**
 * Until then.
 */
expires_at: UnixTime | null, 
/**
 * Whether Usher renews it by itself; an access token that was pasted and Codex's own it does not.
 */
renews: boolean, } | { "kind": "key" } | { "kind": "key_untried" } | { "kind": "no_key" } | { "kind": "models", 
/**
 * How many.
 */
count: number, 
/**
 * Name of the model that will be asked.
 */
model: string, } | { "kind": "answer", 
/**
 * Name of the model.
 */
model: string, 
/**
 * Its answer, truncated.
 */
text: string, };

export type StageView = { 
/**
 * Which.
 */
stage: Stage, 
/**
 * Null: not tried.
 */
ok: boolean | null, 
/**
 * How long it took, in milliseconds.
 */
ms: number | null, 
/**
 * Why it failed.
 */
failure: FailureView | null, 
/**
 * What it found.
 */
finding: StageFinding | null, };

export type TestView = { 
/**
 * All four passed.
 */
ok: boolean, 
/**
 * In order, always four.
 */
stages: Array<StageView>, 
/**
 * When it ended.
 */
ended_at: UnixTime, };

export type TestEvent = { "event": "started", 
/**
 * Which.
 */
stage: Stage, 
/**
 * The model that is asked, when the stage is the answer.
 */
model: string | null, } | { "event": "finished", 
/**
 * How.
 */
result: StageView, } | { "event": "ended", 
/**
 * The whole of it.
 */
report: TestView, };

export type RevocationView = "yes" | "pending" | "not_needed";

export type DisconnectView = { 
/**
 * Whether OpenAI confirmed the revocation.
 */
revoked: RevocationView, 
/**
 * Whether the sign-in is erased here.
 */
erased: boolean, 
/**
 * Whether passes are refused from now on.
 */
passes_refused: boolean, 
/**
 * Whose sign-in it was.
 */
email: string | null, 
/**
 * Which sign-in it was. After one with plan usage, Usher stays listed in ChatGPT's settings until the person removes it
 * there (siwc §8).
 */
route: SignInRoute, 
/**
 * What each pass uses from now on.
 */
passes: Array<PassOutcome>, };

export type Link = "sign_in_page" | "device_page" | "pricing" | "usage" | "manage_usage" | "models" | "status" | "security" | "platform_keys" | "platform_billing" | "platform_usage" | "model_guide";

export type Billing = "plan" | "per_token" | "service";

export type CredentialView = { "kind": "missing" } | { "kind": "not_needed" } | { "kind": "sign_in", 
/**
 * The account in use.
 */
account: AccountView, 
/**
 * How many there are.
 */
accounts: number, } | { "kind": "key", 
/**
 * Its last four characters.
 */
ends_in: string, 
/**
 * Since when.
 */
saved_at: UnixTime, } | { "kind": "environment", 
/**
 * The variable.
 */
variable: string, 
/**
 * Its last four characters.
 */
ends_in: string, } | { "kind": "headers" } | { "kind": "key_of_other_address", 
/**
 * The origin that it was saved for.
 */
origin: string, } | { "kind": "codex", 
/**
 * Whose it is; absent when the Codex CLI is not signed in, or cannot be read.
 */
account: AccountView | null, 
/**
 * The file or keyring that it is read from.
 */
place: string, 
/**
 * When its access token ends; only the Codex CLI renews it.
 */
expires_at: UnixTime | null, };

export type EndpointView = { 
/**
 * As the person gave it.
 */
base_url: string, 
/**
 * Where paths are appended.
 */
root: string, 
/**
 * Which API it has; absent until a test has found out.
 */
wire: Wire | null, 
/**
 * How long it may take to the first byte.
 */
timeout_seconds: number, 
/**
 * Plain http is accepted, because the service is in the person's own network.
 */
local_network: boolean, 
/**
 * Names of extra headers; their values are kept as secrets.
 */
headers: Array<string>, 
/**
 * `OpenAI-Organization`.
 */
organization: string | null, 
/**
 * `OpenAI-Project`.
 */
project: string | null, };

export type ProviderView = { 
/**
 * Which.
 */
id: ProviderId, 
/**
 * The name that people see.
 */
name: string, 
/**
 * Who pays for what is used.
 */
pays: Billing, 
/**
 * Whether tools may use it, and whether Usher speaks to its host at all.
 */
enabled: boolean, 
/**
 * The credential that it is used with.
 */
credential: CredentialView, 
/**
 * Address and what belongs to it, where the person may change them.
 */
endpoint: EndpointView | null, 
/**
 * What was chosen for it.
 */
selection: Selection, 
/**
 * The version of its model list as last kept; absent without one. The plan's is in the overview.
 */
models_version: string | null, 
/**
 * What needs the person, if anything does.
 */
attention: FailureView | null, };

export type HostView = { 
/**
 * Scheme, host and port.
 */
origin: string, 
/**
 * Names of the providers that it belongs to.
 */
providers: Array<string>, };

export type NewEndpoint = { 
/**
 * The name that people see.
 */
name: string, 
/**
 * Base URL, with or without `/v1`.
 */
base_url: string, 
/**
 * How long it may take to the first byte; absent for the usual 30 seconds.
 */
timeout_seconds: number | null, 
/**
 * Accept plain http for it.
 */
local_network: boolean, 
/**
 * Which API it has, where that is known.
 */
wire: Wire | null, };

export type ProviderChange = { 
/**
 * The name that people see.
 */
name: string | null, 
/**
 * Base URL. A key that was saved for another address is not sent to the new one.
 */
base_url: string | null, 
/**
 * How long it may take to the first byte.
 */
timeout_seconds: number | null, 
/**
 * Accept plain http for it.
 */
local_network: boolean | null, 
/**
 * Which API it has.
 */
wire: Wire | null, 
/**
 * `OpenAI-Organization`.
 */
organization: string | null, 
/**
 * `OpenAI-Project`.
 */
project: string | null, };

export type AccountCard = { 
/**
 * Who, in which workspace.
 */
account: AccountView, 
/**
 * In use: tools use it from their next request on.
 */
active: boolean, 
/**
 * Whether it renews by itself; an access token that was pasted does not.
 */
renews: boolean, 
/**
 * When the access token ends.
 */
expires_at: UnixTime | null, 
/**
 * For how many days it was not renewed, where it can be and is not used.
 */
unused_days: number | null, 
/**
 * What needs the person, if anything does.
 */
attention: FailureView | null, 
/**
 * How much of its plan is used, as last seen; never fetched for this.
 */
usage: UsageView | null, };

export type MoveDirection = "up" | "down";

export type ExternalSignInAdvice = "link" | "sign_in";

export type ExternalSignInView = { 
/**
 * For the command line: `codex`, `opencode`, `pi`, `missy`, `cli-proxy-api`, `goose`.
 */
program: string, 
/**
 * As the program calls itself.
 */
program_name: string, 
/**
 * Where it lies.
 */
place: string, 
/**
 * Whose it is, as far as it says.
 */
email: string | null, 
/**
 * The plan's name for people, as far as it says.
 */
plan_name: string | null, 
/**
 * When it was last refreshed, if known.
 */
last_refresh: UnixTime | null, 
/**
 * When its access token ends.
 */
expires_at: UnixTime | null, 
/**
 * What to do with it.
 */
advice: ExternalSignInAdvice, 
/**
 * Why it cannot be read, if it cannot.
 */
trouble: string | null, };

export type CodexLoginEvent = { "event": "version", 
/**
 * What it says of itself.
 */
version: string, } | { "event": "line", 
/**
 * Without what looks like a secret.
 */
text: string, } | { "event": "ended", 
/**
 * Whether the Codex CLI is signed in now.
 */
signed_in: boolean, };

export type Verdict = "good" | "note" | "bad";

export type Check = { 
/**
 * `port_1455`, `port_1457`, `session`, `settings`, `store`, `environment`, `proxy`, `certificates`, `clock`,
 * `host ID` for each provider or `hosts` when none was asked, `codex`.
 */
check: string, 
/**
 * How it came out.
 */
verdict: Verdict, 
/**
 * What was found.
 */
found: string, 
/**
 * The provider that it is about, where it is about one.
 */
provider: ProviderId | null, 
/**
 * The code whose next step helps, where there is one.
 */
code: ErrorCode | null, };

export type DoctorReport = { 
/**
 * In order of a sign-in.
 */
checks: Array<Check>, };

export type GatewayRunner = "app" | "command" | "run" | "settings" | "other_version";

export type GatewayStatus = { "at": "off", 
/**
 * The port that is set.
 */
port: number, } | { "at": "on", 
/**
 * Where.
 */
address: string, } | { "at": "elsewhere", 
/**
 * Where.
 */
address: string, 
/**
 * Which kind of process.
 */
by: GatewayRunner, 
/**
 * Its number.
 */
process: number, } | { "at": "failed", 
/**
 * Why; `port_busy` names the holder.
 */
failure: FailureView, 
/**
 * The port that is set.
 */
port: number, };

export type CloseAnswer = "keep_running" | "stop" | "cancel";

export type NetworkView = { 
/**
 * `system`, `none`, or the address of the proxy.
 */
proxy: string, 
/**
 * Whether a password is saved for the user in this address.
 */
has_password: boolean, 
/**
 * The hosts that are reached without the proxy, separated by commas.
 */
no_proxy: string, 
/**
 * A file of certificate authorities to trust beside those of the system.
 */
ca_file: string | null, 
/**
 * The variables of the environment that win over the proxy.
 */
variables: Array<string>, 
/**
 * The file that `SSL_CERT_FILE` names, which is trusted as well.
 */
certificates_of_environment: string | null, 
/**
 * Why the proxy in the settings file cannot be used; nothing is sent then.
 */
problem: string | null, };

export type NewNetwork = { 
/**
 * `system`, `none`, or the address of the proxy, without a password.
 */
proxy: string, 
/**
 * The password of the user in this address; null leaves the saved one.
 */
password: string | null, 
/**
 * The hosts that are reached without the proxy, separated by commas.
 */
no_proxy: string, };

export type HomeFileKind = "settings" | "sign_ins" | "cache" | "logs";

export type HomeFileView = { 
/**
 * What it is.
 */
kind: HomeFileKind, 
/**
 * Where it is, or would be.
 */
path: string, 
/**
 * Whether it is there.
 */
exists: boolean, };

export type SettingChangeView = { 
/**
 * The tables that it is in, and its name: `gateway.port`.
 */
key: string, 
/**
 * Its value now; null where it is not set.
 */
old: string | null, 
/**
 * Its value in the file.
 */
new: string, };

export type SettingsImportView = { 
/**
 * What would be added or changed, in the order of the file.
 */
changes: Array<SettingChangeView>, 
/**
 * How many settings of the file are set like this already.
 */
same: number, 
/**
 * The settings that are not in the file, and stay.
 */
left_alone: Array<string>, 
/**
 * Lines about what this version does not use of the file.
 */
unused: Array<string>, };

export type TransferAccountView = { 
/**
 * The name that people see.
 */
name: string, 
/**
 * Its e-mail address, unless the person hides it.
 */
email: string | null, };

export type NotMovedReason = "of_this_computer" | "ended" | "refresh_interrupted" | "other_address";

export type StayingAccountView = { 
/**
 * The name that people see.
 */
name: string, 
/**
 * Why it stays.
 */
reason: NotMovedReason, };

export type InterruptedTransferView = { 
/**
 * Where the file is, if it was written.
 */
file: string, 
/**
 * When it began.
 */
at: UnixTime, 
/**
 * The accounts.
 */
accounts: Array<TransferAccountView>, };

export type TransferPreviewView = { 
/**
 * The accounts whose sign-ins would leave.
 */
accounts: Array<TransferAccountView>, 
/**
 * The providers whose keys would leave.
 */
keys: Array<ProviderId>, 
/**
 * The accounts that would stay.
 */
stays: Array<StayingAccountView>, 
/**
 * A move that was interrupted, and has to be finished or taken back first.
 */
interrupted: InterruptedTransferView | null, };

export type TransferSentView = { 
/**
 * The file.
 */
file: string, 
/**
 * The accounts whose sign-ins are in it.
 */
accounts: Array<TransferAccountView>, 
/**
 * The providers whose keys are in it.
 */
keys: Array<ProviderId>, 
/**
 * The accounts that stay.
 */
stays: Array<StayingAccountView>, };

export type TransferContentsView = { 
/**
 * The file.
 */
file: string, 
/**
 * When it was made.
 */
made_at: UnixTime, 
/**
 * The accounts whose sign-ins are in it.
 */
accounts: Array<TransferAccountView>, 
/**
 * The providers whose keys are in it.
 */
keys: Array<ProviderId>, 
/**
 * The accounts and keys of this computer that would be replaced.
 */
replaces: Array<string>, 
/**
 * What the settings would change.
 */
settings: SettingsImportView, 
/**
 * Why the settings cannot be taken over here, if they cannot.
 */
settings_failure: FailureView | null, };

export type TransferReceivedView = { 
/**
 * The accounts whose sign-ins are used here now.
 */
accounts: Array<TransferAccountView>, 
/**
 * The providers whose keys are used here now.
 */
keys: Array<ProviderId>, 
/**
 * How many settings were added or changed.
 */
settings_changed: number, 
/**
 * A file that still has the sealed records, because it could not be deleted.
 */
left_file: string | null, };

export type ResetView = { 
/**
 * The file that the old settings are kept in; null where there were none.
 */
backup: string | null, 
/**
 * Whether the system started Usher at login, which is switched off now.
 */
started_at_login: boolean, 
/**
 * How many accounts were disconnected.
 */
disconnected: number, };

export type PreferencesView = { 
/**
 * Whether the gateway goes on when the window is closed; null until the person was asked.
 */
keep_running: boolean | null, 
/**
 * Whether the system starts Usher at login; null where it cannot.
 */
start_at_login: boolean | null, 
/**
 * Whether all passes are locked while the screen is; null where that cannot be followed.
 */
lock_with_screen: boolean | null, 
/**
 * Whether the person is notified of limits and resets.
 */
notifications: boolean, 
/**
 * For how many days counts of requests are kept; 0 for none.
 */
activity_days: number, 
/**
 * Whether names and e-mail addresses are left out of what is shown.
 */
hide_personal_data: boolean, 
/**
 * Whether sign-ins of accounts that are not used are renewed; null until the person was asked.
 */
renew_unused: boolean | null, 
/**
 * The way to remote hosts.
 */
network: NetworkView, };

export type PassView = { 
/**
 * Names it for ever.
 */
id: string, 
/**
 * What the person called it.
 */
name: string, 
/**
 * The one provider that it is good for; absent: the one in use.
 */
provider: ProviderId | null, 
/**
 * The one account.
 */
account: AccountId | null, 
/**
 * Whose account that is: the person's name for it, else its e-mail address. Absent when it is not kept here.
 */
account_name: string | null, 
/**
 * The one model.
 */
model: string | null, 
/**
 * Its name for people.
 */
model_name: string | null, 
/**
 * A note of what it is for, in passes that older versions made.
 */
project: string | null, 
/**
 * Only for programs that run in this folder or below it.
 */
folder: string | null, 
/**
 * For any provider: it may use one that is billed by the token.
 */
pay_per_token: boolean, 
/**
 * It may ask for the access token itself.
 */
token: boolean, 
/**
 * How many tokens it may use.
 */
budget: number | null, 
/**
 * How much of a plan it leaves to others, in percent: it is a background pass then.
 */
leaves_percent: number | null, 
/**
 * What its requests use by role instead of what was chosen for the account.
 */
roles: { [key in Role]?: RoleChoice }, 
/**
 * It is of a program that `usher run` runs now, and ends with it.
 */
run: boolean, 
/**
 * When it was made.
 */
created_at: UnixTime, 
/**
 * When it ends, if it does by itself.
 */
expires_at: UnixTime | null, 
/**
 * When it was used last.
 */
last_used_at: UnixTime | null, };

export type PassChange = { "kind": "disconnect", 
/**
 * Which.
 */
account: AccountId, 
/**
 * The account that the user chose to use instead.
 */
next: AccountId | null, } | { "kind": "use_account", 
/**
 * Which.
 */
account: AccountId, } | { "kind": "use_provider", 
/**
 * Which.
 */
provider: ProviderId, 
/**
 * The account that is in use from then on; absent: the one that is.
 */
account: AccountId | null, } | { "kind": "switch_off", 
/**
 * Which.
 */
provider: ProviderId, } | { "kind": "forget_key", 
/**
 * Which.
 */
provider: ProviderId, } | { "kind": "revoke", 
/**
 * The id of the pass.
 */
pass: string, } | { "kind": "remove", 
/**
 * Which.
 */
provider: ProviderId, };

export type PassUse = { "kind": "refused", 
/**
 * Why.
 */
failure: FailureView, } | { "kind": "uses", 
/**
 * The id of the provider.
 */
provider_id: ProviderId, 
/**
 * The name of the provider.
 */
provider: string, 
/**
 * The id of the account, where the provider has accounts.
 */
account_id: AccountId | null, 
/**
 * The user's name for the account, else its e-mail address.
 */
account: string | null, 
/**
 * Who pays: `plan`, `key` or `service`.
 */
paid_by: string, };

export type ToolsView = { 
/**
 * The provider.
 */
provider: ProviderId, 
/**
 * Whether the user chose it. Else it is the plan while an account is signed in, or the first provider that is ready.
 */
chosen: boolean, 
/**
 * What it comes to.
 */
uses: PassUse, };

export type ProvidersView = { 
/**
 * The plan first, then the key, then what the person added, in the order of the settings file.
 */
providers: Array<ProviderView>, 
/**
 * Services whose address need not be typed.
 */
presets: Array<Preset>, 
/**
 * Origins that Usher speaks to, and no others.
 */
hosts: Array<HostView>, 
/**
 * The provider that tools use.
 */
tools: ToolsView, };

export type PassOutcome = { 
/**
 * The name of the pass.
 */
pass: string, 
/**
 * The outcome of its requests.
 */
next: PassUse, 
/**
 * Whether that differs from now.
 */
changed: boolean, };

export type NewPass = { 
/**
 * What the person calls it.
 */
name: string, 
/**
 * For this provider only.
 */
provider: ProviderId | null, 
/**
 * For this account only.
 */
account: AccountId | null, 
/**
 * For no provider and no account: for what is in use at each request.
 */
any_provider: boolean, 
/**
 * With `any_provider`: it may use a provider that is billed by the token.
 */
pay_per_token: boolean, 
/**
 * For this model only.
 */
model: string | null, 
/**
 * Only for programs that run in this folder or below it.
 */
folder: string | null, 
/**
 * How much of a plan it leaves to others, in percent.
 */
leaves_percent: number | null, 
/**
 * What its requests use by role instead of what was chosen for the account.
 */
roles: { [key in Role]?: RoleChoice }, 
/**
 * How many days it is good for; absent: until it is revoked.
 */
days: number | null, };

export type CreatedPass = { 
/**
 * Which.
 */
pass: PassView, 
/**
 * The secret that programs authenticate with.
 */
secret: string, };

export type SetupTool = "claude" | "codex" | "openai" | "anthropic" | "python";

export type ToolSetup = { 
/**
 * Which program.
 */
tool: SetupTool, 
/**
 * Name of the pass.
 */
pass: string, 
/**
 * The lines, ready to copy.
 */
text: string, };

export type ToolPassMethod = "helper" | "pass_file" | "environment" | "literal";

export type ToolConnectionView = { 
/**
 * The name of its pass.
 */
pass: string, 
/**
 * When it was connected.
 */
at: UnixTime, 
/**
 * Whether that was interrupted; disconnecting restores the files.
 */
interrupted: boolean, 
/**
 * Whether its files are back because the gateway does not answer; it is connected again when that does.
 */
suspended: boolean, 
/**
 * The name of another tool with the same keys, whose connection serves this one, too.
 */
served_by: string | null, 
/**
 * After how many minutes without an answer of the gateway that happens, if the person wants it.
 */
restore_after_minutes: number | null, 
/**
 * When its pass was used last.
 */
last_used_at: UnixTime | null, 
/**
 * Its files.
 */
files: Array<string>, };

export type ToolView = { 
/**
 * Names it in commands.
 */
id: string, 
/**
 * Its name for people.
 */
name: string, 
/**
 * Whether it is on this computer.
 */
found: boolean, 
/**
 * Its version, where that is known.
 */
version: string | null, 
/**
 * Whether Usher changes its files, or the person does.
 */
automatic: boolean, 
/**
 * Whether it can sign in to OpenAI by itself.
 */
own_sign_in: boolean, 
/**
 * How it gets its pass.
 */
pass_method: ToolPassMethod, 
/**
 * Its connection, if it is connected.
 */
connection: ToolConnectionView | null, };

export type SignInCopyView = { 
/**
 * Names the program in commands.
 */
program: string, 
/**
 * Its name for people.
 */
program_name: string, 
/**
 * Where it is.
 */
place: string, 
/**
 * The e-mail address, if known.
 */
email: string | null, 
/**
 * The plan.
 */
plan_name: string | null, 
/**
 * Usher's account that it is of.
 */
account: string | null, 
/**
 * The name of that account.
 */
account_name: string | null, 
/**
 * When it was renewed last; if its file does not have that, when the file was written.
 */
last_refresh: UnixTime | null, 
/**
 * Whether, of several of one account, this was renewed last.
 */
renewed_last: boolean, 
/**
 * The place of another program that holds the same sign-in.
 */
same_as: string | null, 
/**
 * The tool that can use a pass in its place.
 */
tool: string | null, 
/**
 * Whether that tool is connected.
 */
connected: boolean, 
/**
 * Why it could not be read.
 */
problem: string | null, };

export type SignInCopiesView = { 
/**
 * Whether each sign-in is renewed by one program only.
 */
one_writer: boolean, 
/**
 * The places, Usher's own first.
 */
copies: Array<SignInCopyView>, 
/**
 * Programs that may hold one in a form that is documented nowhere.
 */
not_looked_at: Array<string>, };

export type ToolKeyView = { 
/**
 * Which.
 */
path: string, 
/**
 * Its value now.
 */
old: string | null, 
/**
 * Its value then.
 */
new: string, 
/**
 * Whether it ends what the person used before.
 */
takes_over: boolean, };

export type ToolFileView = { 
/**
 * Where it is.
 */
path: string, 
/**
 * Whether there is one.
 */
exists: boolean, 
/**
 * Whether others may read it now, and could not any more.
 */
becomes_private: boolean, 
/**
 * The keys.
 */
keys: Array<ToolKeyView>, 
/**
 * The lines, in the unified format.
 */
diff: string, };

export type ToolConflictKind = "variable" | "key" | "project" | "managed" | "sign_in" | "comments" | "switcher" | "version" | "older_file" | "loop" | "shared" | "served";

export type ToolConflictView = { 
/**
 * What it is.
 */
kind: ToolConflictKind, 
/**
 * The variable, the key, the program or the version.
 */
subject: string, 
/**
 * Where it is, or what is needed.
 */
detail: string, };

export type ToolTrialOutcome = "answered" | "failed" | "bypassed" | "timed_out";

export type ToolTrialView = { 
/**
 * The tool.
 */
tool: string, 
/**
 * The command.
 */
command: string, 
/**
 * How it ended.
 */
outcome: ToolTrialOutcome, 
/**
 * The last line that it printed.
 */
last_line: string | null, 
/**
 * How long it took.
 */
took_ms: number, };

export type ToolPreview = { 
/**
 * The tool.
 */
tool: string, 
/**
 * Its name for people.
 */
name: string, 
/**
 * The name that its pass gets.
 */
pass: string, 
/**
 * Its files. Empty for a tool that is connected by hand.
 */
files: Array<ToolFileView>, 
/**
 * What the person should know before.
 */
conflicts: Array<ToolConflictView>, 
/**
 * Whether one of them has to go first.
 */
blocked: boolean, 
/**
 * Whether connecting it ends what the person used before.
 */
takes_over: boolean, 
/**
 * Whether it can be made to use Usher by itself.
 */
has_default: boolean, 
/**
 * How to use it afterwards.
 */
usage: string | null, 
/**
 * The command that tries it afterwards, if it has one.
 */
trial: string | null, 
/**
 * The lines that the person writes, if Usher does not.
 */
lines: string | null, 
/**
 * Names this preview: the tool is connected only if nothing has changed since.
 */
token: string, };

export type ToolFileOutcome = { 
/**
 * Where it is.
 */
path: string, 
/**
 * Whether it was changed now.
 */
changed: boolean, 
/**
 * Whether it is what it was before, byte for byte.
 */
exact: boolean, 
/**
 * Whether it was removed, because it was made for the tool.
 */
removed: boolean, 
/**
 * Keys that somebody changed since, and that stay.
 */
kept: Array<string>, };

export type ToolUndone = { 
/**
 * The tool.
 */
tool: string, 
/**
 * Its files.
 */
files: Array<ToolFileOutcome>, 
/**
 * Whether its pass was revoked; false if there was none any more.
 */
pass_revoked: boolean, };

export type RequestStatus = "answering" | "done" | "stopped" | "not_in_pass" | "limit_reached" | "failed";

export type PayerView = { 
/**
 * The id of the provider.
 */
provider_id: ProviderId, 
/**
 * The name of the provider.
 */
provider: string, 
/**
 * The id of the account, as `x-usher-account` has it; absent where the provider has none.
 */
account_id: AccountId | null, 
/**
 * The user's name for the account, else its e-mail address.
 */
account: string | null, 
/**
 * `plan`, `key` or `service`, as `x-usher-paid-by` has it.
 */
paid_by: string, };

export type RequestTerms = { 
/**
 * The id of the model; empty where none is named.
 */
model: string, 
/**
 * The effort.
 */
effort: string | null, 
/**
 * The tier: `fast`, or another word.
 */
tier: string | null, };

export type RequestReceipt = { 
/**
 * What the pass is for.
 */
project: string | null, 
/**
 * What the program asked for, in its own words.
 */
asked: RequestTerms, 
/**
 * What the provider was sent; absent where none was.
 */
sent: RequestTerms | null, 
/**
 * Names of the fields that were dropped, as in `x-usher-dropped`; the first 40.
 */
dropped: Array<string>, 
/**
 * How long it took until the first text or tool call, in milliseconds.
 */
first_output_ms: number | null, 
/**
 * Tokens of the question that were read from the provider's prompt cache.
 */
tokens_cached: number | null, 
/**
 * Tokens of the answer that were reasoning.
 */
tokens_reasoning: number | null, 
/**
 * Why nothing was read from the cache, by the names of `usher activity receipts`; absent after a hit.
 */
cache_miss: string | null, 
/**
 * The provider's id of the request.
 */
request_id: string | null, };

export type RequestView = { 
/**
 * Names it as long as the process lasts; a later one has a higher number.
 */
id: number, 
/**
 * Name of the pass that it came with.
 */
pass: string, 
/**
 * `responses`, `chat_completions` or `messages`; `token` for a request for the access token itself.
 */
dialect: string, 
/**
 * Name of the model.
 */
model: string, 
/**
 * The tier that was asked for: `fast`, or what the tool named. Known once the request has ended.
 */
tier: string | null, 
/**
 * When it came.
 */
since: UnixTime, 
/**
 * How it stands.
 */
status: RequestStatus, 
/**
 * How long it took, in milliseconds; absent while it is answered.
 */
took_ms: number | null, 
/**
 * Who pays for it; absent where no provider was asked.
 */
payer: PayerView | null, 
/**
 * Tokens of the question, where that is known.
 */
tokens_in: number | null, 
/**
 * Tokens of the answer.
 */
tokens_out: number | null, 
/**
 * Why it was not answered.
 */
code: ErrorCode | null, 
/**
 * What was asked for, and what was made of it.
 */
receipt: RequestReceipt, };

export type RequestUpdate = { 
/**
 * Those that began or ended.
 */
requests: Array<RequestView>, 
/**
 * Whether these are all requests: a snapshot, which replaces everything sent before.
 */
whole: boolean, };

export type ActivityErrors = { 
/**
 * The error code.
 */
code: string, 
/**
 * How many.
 */
requests: number, };

export type WindowShare = { 
/**
 * Length of the window in seconds: 18,000 is five hours, 604,800 a week.
 */
window_seconds: number, 
/**
 * Percentage points, added over windows and accounts: two whole weeks are 200.
 */
percent: number, };

export type ActivityCounts = { 
/**
 * How many requests there were.
 */
requests: number, 
/**
 * Those that were answered.
 */
completed: number, 
/**
 * Those that the program itself ended.
 */
stopped: number, 
/**
 * Those that failed or were refused.
 */
failed: number, 
/**
 * Why they failed, most frequent first.
 */
errors: Array<ActivityErrors>, 
/**
 * Input tokens, cached ones included.
 */
tokens_in: number, 
/**
 * Output tokens, those of reasoning included.
 */
tokens_out: number, 
/**
 * Input tokens that were read from the provider's cache.
 */
tokens_cached: number, 
/**
 * Output tokens that were reasoning.
 */
tokens_reasoning: number, 
/**
 * The share of the input tokens that were read from the cache, 0 to 1; absent without input tokens.
 */
cache_share: number | null, 
/**
 * How long the first text or tool call took, in milliseconds: the middle value. Known to about 5 %.
 */
first_word_median_ms: number | null, 
/**
 * How long at most for 95 of 100.
 */
first_word_p95_ms: number | null, 
/**
 * Percentage points of the plan's windows that were used meanwhile, as far as responses showed it.
 */
window_share: Array<WindowShare>, };

export type ActivityGroup = { 
/**
 * What: the name of a pass, the id of a model or an account, or `plan`, `key` or `service`. Empty for requests that were
 * refused before one was chosen.
 */
id: string, 
/**
 * Its name for people; absent for an account or a provider that is no longer here.
 */
name: string | null, 
/**
 * All of them.
 */
counts: ActivityCounts, 
/**
 * How many there were on each day of the period.
 */
requests_per_day: number[], 
/**
 * How many tokens on each day, in and out.
 */
tokens_per_day: number[], };

export type ActivityView = { 
/**
 * All days of the period, oldest first: `2026-11-29`, by the calendar of this computer when the requests came.
 */
days: Array<string>, 
/**
 * For how many days counts are kept; 0: none are.
 */
kept_days: number, 
/**
 * Nothing is kept at all, of any period.
 */
is_empty: boolean, 
/**
 * All requests.
 */
total: ActivityCounts, 
/**
 * Those of each day.
 */
by_day: Array<ActivityCounts>, 
/**
 * By the name of the pass, most tokens first; so are the others.
 */
by_tool: Array<ActivityGroup>, 
/**
 * By the model.
 */
by_model: Array<ActivityGroup>, 
/**
 * By the account, or the provider where it has none.
 */
by_account: Array<ActivityGroup>, 
/**
 * By who paid.
 */
by_payer: Array<ActivityGroup>, };

export type ActivityFormat = "csv" | "json";

export const errorCodes: readonly ErrorCode[] = ["access_denied", "missing_entitlement", "region_unsupported", "device_login_disabled", "port_busy", "browser_unavailable", "timeout", "cancelled", "malformed_answer", "clock_skew", "store_locked", "passphrase_needed", "store_unavailable", "store_corrupt", "account_problem", "model_unavailable", "overloaded", "host_not_allowed", "upstream_error", "bad_usage", "effort_unsupported", "tier_unsupported", "bad_url", "sign_in_required", "sign_in_expired", "sign_in_revoked", "sign_in_reused", "sign_in_moved", "other_account", "registration_incomplete", "plan_use_not_allowed", "connected_app_only", "invalid_key", "usage_limit_reached", "usage_not_included", "billing", "rate_limited", "budget_reached", "reserve_reached", "locked", "offline", "dns", "proxy", "tls", "challenge_page", "endpoint_not_found", "program_missing", "settings_unusable", "transfer_unusable", "transfer_opened", "passphrase_wrong", "tool_file_unusable", "service_failed", "update_failed", "internal"];

export const minPassphraseChars = 12;
