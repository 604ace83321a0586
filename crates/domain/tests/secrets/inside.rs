use usher_domain::CodeVerifier;

fn main() {
    let verifier = CodeVerifier::new("text");
    let _ = &verifier.text;
}
