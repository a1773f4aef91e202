//! What CloudFront sends with the pages, read from the template: the tests of the local pages compare it with what they send.

use std::collections::BTreeMap;

use serde_norway::Value as Template;

/// A deployment, by its parameters.
#[derive(Default)]
pub(super) struct Cloud {
    parameters: BTreeMap<String, String>,
}

impl Cloud {
    pub(super) fn with(mut self, parameter: &str, value: &str) -> Cloud {
        self.parameters.insert(parameter.to_owned(), value.to_owned());
        self
    }

    pub(super) fn policy(&self, path: &str) -> String {
        let template = template();
        let policy = &security(&template, path)["ContentSecurityPolicy"]["ContentSecurityPolicy"];
        self.text(&template, policy)
    }

    pub(super) fn frame_options(&self, path: &str) -> Option<&'static str> {
        let template = template();
        let options = self.chosen(&template, &security(&template, path)["FrameOptions"]);
        options.get("FrameOption").map(|option| if option == "DENY" { "DENY" } else { panic!("{option:?}") })
    }

    /// A branch of an `!If`, or a value that is none.
    fn chosen<'a>(&self, template: &'a Template, value: &'a Template) -> &'a Template {
        let Template::Tagged(tagged) = value else { return value };
        if tagged.tag != "If" {
            return value;
        }
        let condition = &template["Conditions"][tagged.value[0].as_str().unwrap()];
        // `!Not [!Equals [!Ref Parameter, ""]]`
        let parameter = argument(&argument(&argument(condition)[0])[0]).as_str().unwrap();
        let is_given = self.parameters.get(parameter).is_some_and(|value| !value.is_empty());
        self.chosen(template, &tagged.value[if is_given { 1 } else { 2 }])
    }

    /// The text of the few functions that a policy needs.
    fn text(&self, template: &Template, value: &Template) -> String {
        let value = self.chosen(template, value);
        let Template::Tagged(tagged) = value else { return value.as_str().unwrap().to_owned() };
        match tagged.tag.to_string().as_str() {
            "!Join" => {
                let (separator, list) = (tagged.value[0].as_str().unwrap(), &tagged.value[1]);
                let parts: Vec<String> = match list {
                    Template::Tagged(split) if split.tag == "Split" => {
                        assert_eq!(split.value[0], ",");
                        self.text(template, &split.value[1]).split(',').map(str::to_owned).collect()
                    }
                    _ => list.as_sequence().unwrap().iter().map(|part| self.text(template, part)).collect(),
                };
                parts.join(separator)
            }
            "!Ref" => self.parameters[tagged.value.as_str().unwrap()].clone(),
            other => panic!("{other}"),
        }
    }
}

fn template() -> Template {
    serde_norway::from_str(include_str!("../../../template.yaml")).unwrap()
}

fn argument(value: &Template) -> &Template {
    let Template::Tagged(tagged) = value else { panic!("{value:?}") };
    &tagged.value
}

/// The security headers of the first behaviour whose pattern a path fits.
fn security<'a>(template: &'a Template, path: &str) -> &'a Template {
    let distribution = &template["Resources"]["Distribution"]["Properties"]["DistributionConfig"];
    let fits = |behaviour: &&Template| {
        let prefix = behaviour["PathPattern"].as_str().and_then(|pattern| pattern.strip_suffix('*'));
        path.starts_with(prefix.expect("a pattern that ends in a star"))
    };
    let behaviour = distribution["CacheBehaviors"].as_sequence().unwrap().iter().find(fits);
    let headers = &behaviour.unwrap_or(&distribution["DefaultCacheBehavior"])["ResponseHeadersPolicyId"];
    let headers = &template["Resources"][argument(headers).as_str().unwrap()]["Properties"];
    &headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
}
