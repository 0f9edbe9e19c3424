//! Prints how to set a provider up: records, who signs, limits, servers, steps, settings. `provider_guide amazon-ses` prints one page,
//! `provider_guide --all DIRECTORY` writes a page for each provider that is built in, and without arguments it lists them.

#[path = "shared/provider_page.rs"]
mod provider_page;

use std::error::Error;
use std::fs;
use std::path::Path;

use letterhead::identity::Profile;

use self::provider_page::page_of;

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
                fs::write(page, page_of(&Profile::built_in(name)?))?;
            }
        }
        [option] if option == "--help" => println!("{USAGE}"),
        [name] => print!("{}", page_of(&Profile::built_in(name)?)),
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

const USAGE: &str = "usage: provider_guide [NAME | --all DIRECTORY]";
