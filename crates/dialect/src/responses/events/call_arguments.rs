//! Follows the arguments of a function call as they arrive.
//!
//! Arguments are JSON, and callers parse what they have read. Some models send none, or only blanks, which is no JSON.
//! Blanks at the beginning mean nothing, so they are left out: then nothing stands before an empty object that is
//! written in their place.

/// How much of the arguments of one call has arrived.
#[derive(Debug, Default)]
pub(crate) struct CallArguments {
    /// In bytes, with the blanks that were left out.
    arrived: usize,
    begun: bool,
}

impl CallArguments {
    /// Takes a delta, and returns what of it is to be written.
    pub(crate) fn take<'a>(&mut self, delta: &'a str) -> &'a str {
        self.arrived += delta.len();
        let written = if self.begun { delta } else { without_leading_blanks(delta) };
        self.begun |= !written.is_empty();
        written
    }

    /// Takes the complete arguments, and returns what of them is still to be written.
    pub(crate) fn take_rest<'a>(&mut self, complete: &'a str) -> &'a str {
        let rest = complete.get(self.arrived..).unwrap_or_default();
        self.take(rest)
    }

    /// Returns whether there was more than blanks.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }
}

/// Returns the arguments without the blanks before them.
pub(crate) fn without_leading_blanks(arguments: &str) -> &str {
    arguments.trim_start()
}

#[cfg(test)]
mod tests {
    use super::CallArguments;

    #[test]
    fn blanks_at_the_beginning_are_left_out() {
        let mut arguments = CallArguments::default();
        assert_eq!((arguments.take(" "), arguments.take("\n"), arguments.has_begun()), ("", "", false));
        assert_eq!((arguments.take("\t{ "), arguments.take(" ")), ("{ ", " "));
        assert_eq!(arguments.take_rest(" \n\t{  }"), "}");
    }

    #[test]
    fn arguments_of_blanks_never_begin() {
        let mut arguments = CallArguments::default();
        assert_eq!((arguments.take(" "), arguments.take_rest(" \n"), arguments.has_begun()), ("", "", false));
    }
}
