//! Which route takes a request: a literal segment beats a variable, a variable beats a greedy one, a method beats `ANY`.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::cloud::template::HttpRoute;

/// A route that is ready to match.
#[derive(Debug)]
pub(super) struct Route {
    /// `METHOD /path`, as the template writes it.
    pub(super) key: String,
    /// The short name of its function.
    pub(super) function: String,
    method: String,
    segments: Vec<Segment>,
}

/// A match.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// The route.
    pub(super) route: &'a Route,
    /// The values of its variables, decoded.
    pub(super) parameters: BTreeMap<String, String>,
}

/// How one part of a path matches; the order is the precedence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

/// All routes, the most specific first.
#[derive(Debug)]
pub(super) struct Routes(Vec<Route>);

impl Routes {
    pub(super) fn new(routes: &[HttpRoute]) -> Routes {
        let mut routes: Vec<Route> = routes.iter().map(Route::new).collect();
        routes.sort_by_key(|route| {
            let ranks: Vec<u8> = route.segments.iter().map(Segment::rank).collect();
            (ranks, route.method == "ANY")
        });
        Routes(routes)
    }

    /// The most specific route that takes this method and path.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        let path: Vec<&str> = segments_of(path).collect();
        let mut takers = self.0.iter().filter(|route| route.method == "ANY" || route.method == method.as_str());
        takers.find_map(|route| Some(Found { route, parameters: route.parameters(&path)? }))
    }
}

impl Route {
    fn new(route: &HttpRoute) -> Route {
        Route {
            key: format!("{} {}", route.method, route.path),
            function: route.function.clone(),
            method: route.method.clone(),
            segments: segments_of(&route.path).map(Segment::new).collect(),
        }
    }

    fn parameters(&self, path: &[&str]) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        for (index, segment) in self.segments.iter().enumerate() {
            let part = *path.get(index)?;
            match segment {
                Segment::Literal(literal) if decoded(part) == *literal => {}
                Segment::Variable(name) if !part.is_empty() => {
                    parameters.insert(name.clone(), decoded(part));
                }
                Segment::Greedy(name) if !part.is_empty() => {
                    parameters.insert(name.clone(), decoded(&path[index..].join("/")));
                    return Some(parameters);
                }
                _ => return None,
            }
        }
        (path.len() == self.segments.len()).then_some(parameters)
    }
}

impl Segment {
    fn new(text: &str) -> Segment {
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Segment::Greedy(name.to_owned()),
                None => Segment::Variable(name.to_owned()),
            },
            None => Segment::Literal(text.to_owned()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Segment::Literal(_) => 0,
            Segment::Variable(_) => 1,
            Segment::Greedy(_) => 2,
        }
    }
}

fn segments_of(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_for(method: &str, path: &str) -> Option<String> {
        let route = |method: &str, path: &str| HttpRoute {
            method: method.to_owned(),
            path: path.to_owned(),
            function: "f".to_owned(),
        };
        let routes = Routes::new(&[
            route("ANY", "/a/{proxy+}"),
            route("GET", "/a/{id}"),
            route("ANY", "/a/{id}"),
            route("GET", "/a/fixed"),
        ]);
        let method = method.parse().expect("a method");
        routes.find(&method, path).map(|found| format!("{} {:?}", found.route.key, found.parameters))
    }

    #[test]
    fn the_most_specific_route_wins() {
        assert_eq!(key_for("GET", "/a/fixed").as_deref(), Some("GET /a/fixed {}"));
        assert_eq!(key_for("POST", "/a/fixed").as_deref(), Some(r#"ANY /a/{id} {"id": "fixed"}"#));
        assert_eq!(key_for("GET", "/a/x%20y").as_deref(), Some(r#"GET /a/{id} {"id": "x y"}"#));
        assert_eq!(key_for("GET", "/a/b/c").as_deref(), Some(r#"ANY /a/{proxy+} {"proxy": "b/c"}"#));
    }

    #[test]
    fn a_trailing_slash_or_an_empty_variable_is_another_path() {
        assert_eq!(key_for("GET", "/a/"), None);
        assert_eq!(key_for("GET", "/a"), None);
        assert_eq!(key_for("GET", "/"), None);
    }
}
