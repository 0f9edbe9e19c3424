//! Prints how to set a provider up: records, who signs, limits, servers, steps, settings. `provider_guide amazon-ses` prints one page,
//! `provider_guide --all DIRECTORY` writes a page for each provider that is built in, and without arguments it lists them.

use std::error::Error;
use std::fs;
use std::path::Path;

use letterhead::Settings;
use letterhead::identity::Profile;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            for name in Profile::built_in_names() {
                println!("{name:20} {}", Profile::built_in(name)?.title());
            }
        }
        [option, directory] if option == "--all" => {
            for name in Profile::built_in_names() {
                let page = Path::new(directory).join(format!("{name}.md"));
                fs::write(page, page_of(name)?)?;
            }
        }
        [option] if option == "--help" => println!("{USAGE}"),
        [name] => print!("{}", page_of(name)?),
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

const USAGE: &str = "usage: provider_guide [NAME | --all DIRECTORY]";

/// What the profile says, and what of it stands in a file of settings.
fn page_of(name: &str) -> Result<String, Box<dyn Error>> {
    let profile = Profile::built_in(name)?;
    let (guide, sample) = (profile.guide(), Settings::sample(&profile));
    Ok(format!(
        "{guide}\n## In `letterhead.toml`\n\n```toml\n{sample}```\n"
    ))
}
