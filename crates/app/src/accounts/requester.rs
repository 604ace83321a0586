//! Who may use which sign-in.

use usher_domain::{ErrorCode, Failure, SignInRoute};

/// Who wants to use an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requester {
    /// Usher itself, for its user: models, Test, `usher test`.
    Usher,
    /// Another program, with a pass.
    Pass,
}

/// Fails with [`ErrorCode::ConnectedAppOnly`] where the terms of a sign-in exclude the requester (siwc §1.3).
///
/// All of Usher asks this one function, so that an answer of OpenAI about gateways changes one line.
pub(crate) fn check_requester(route: SignInRoute, requester: Requester) -> Result<(), Failure> {
    match (route, requester) {
        (SignInRoute::CodexClient, _) | (SignInRoute::PlanUsage, Requester::Usher) => Ok(()),
        (SignInRoute::PlanUsage, Requester::Pass) => Err(Failure::new(
            ErrorCode::ConnectedAppOnly,
            "the account in use signed in with ChatGPT, whose plan pays for Usher's own requests only",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_usage_is_for_usher_only() {
        for (route, requester, may) in [
            (SignInRoute::CodexClient, Requester::Usher, true),
            (SignInRoute::CodexClient, Requester::Pass, true),
            (SignInRoute::PlanUsage, Requester::Usher, true),
            (SignInRoute::PlanUsage, Requester::Pass, false),
        ] {
            let checked = check_requester(route, requester).map_err(|refused| refused.code);
            let expected = if may { Ok(()) } else { Err(ErrorCode::ConnectedAppOnly) };
            assert_eq!(checked, expected, "{route:?}, {requester:?}");
        }
    }
}
