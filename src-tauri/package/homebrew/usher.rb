# A cask for the app with the command line in it. Who releases puts version, digests and address in.
cask "usher" do
  arch arm: "aarch64", intel: "x64"

  version "@VERSION@"
  sha256 arm:   "@SHA256_AARCH64@",
         intel: "@SHA256_X64@"

  url "@RELEASES@/v#{version}/Usher_#{version}_#{arch}.dmg"
  name "Usher"
  desc "Sign in to OpenAI once, for every tool on this computer"
  homepage "@HOMEPAGE@"

  depends_on macos: ">= :monterey"

  app "Usher.app"
  binary "#{appdir}/Usher.app/Contents/MacOS/usher"

  uninstall quit:      "app.usher.Usher",
            launchctl: ["app.usher.Usher", "app.usher.Usher.login"]

  # Only for `brew uninstall --zap`: settings and sign-ins of the person.
  zap trash: [
    "~/Library/Application Support/usher",
    "~/Library/LaunchAgents/app.usher.Usher.login.plist",
    "~/Library/LaunchAgents/app.usher.Usher.plist",
    "~/Library/WebKit/app.usher.Usher",
  ]
end
