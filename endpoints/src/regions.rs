//! The endpoints that the functions call, in each region of AWS.
//!
//! `regions.txt` has a line for each region: its partition, the suffix of its names, its own name. `tests/deployment` holds it against AWS's
//! public list, as botocore ships it.

/// The services that functions call, by the name of their endpoint.
pub const SERVICES: [&str; 4] = ["dynamodb", "lambda", "secretsmanager", "execute-api"];

/// AWS serves no host of this name, and any name below `execute-api` has the same certificate.
const SOME_API: &str = "endpointcheck";

/// An endpoint of a service in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The region.
    pub region: String,
    /// The service.
    pub service: String,
    /// The host whose address is looked up.
    pub host: String,
    /// The host that the certificate must be for.
    pub name: String,
    /// The port.
    pub port: u16,
}

/// Every endpoint of these partitions of AWS.
///
/// # Errors
/// The name of a partition that has no regions here.
pub fn endpoints(partitions: &[String]) -> Result<Vec<Endpoint>, String> {
    let known: Vec<Vec<&str>> = include_str!("regions.txt").lines().map(|line| line.split(' ').collect()).collect();
    let mut found = Vec::new();
    for partition in partitions {
        let regions: Vec<_> = known.iter().filter(|line| line.first() == Some(&partition.as_str())).collect();
        if regions.is_empty() {
            return Err(format!("there is no partition {partition} in regions.txt"));
        }
        for line in regions {
            let [_, suffix, region] = line.as_slice() else {
                return Err(format!("regions.txt: {} is not partition, suffix and region", line.join(" ")));
            };
            found.extend(SERVICES.map(|service| endpoint(service, region, suffix)));
        }
    }
    Ok(found)
}

fn endpoint(service: &str, region: &str, suffix: &str) -> Endpoint {
    let host = format!("{service}.{region}.{suffix}");
    // The names of APIs only resolve while the API exists; the service's own name always does, and leads to the same servers.
    let name = if service == "execute-api" { format!("{SOME_API}.{host}") } else { host.clone() };
    Endpoint { region: region.to_owned(), service: service.to_owned(), host, name, port: 443 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_every_service() {
        let found = endpoints(&["aws".to_owned(), "aws-eusc".to_owned()]).unwrap();
        assert!(found.len() > 30 * SERVICES.len(), "{}", found.len());
        assert_eq!(found.len() % SERVICES.len(), 0);
        let hosts: Vec<_> = found.iter().map(|endpoint| endpoint.host.as_str()).collect();
        for host in [
            "dynamodb.us-east-1.amazonaws.com",
            "secretsmanager.eu-central-1.amazonaws.com",
            "lambda.eusc-de-east-1.amazonaws.eu",
        ] {
            assert!(hosts.contains(&host), "{host}");
        }
    }

    #[test]
    fn the_certificate_of_an_api_is_for_a_name_below_the_service() {
        let endpoint = endpoint("execute-api", "us-east-1", "amazonaws.com");
        assert_eq!(endpoint.host, "execute-api.us-east-1.amazonaws.com");
        assert_eq!(endpoint.name, "endpointcheck.execute-api.us-east-1.amazonaws.com");
    }

    #[test]
    fn an_unknown_partition_is_an_error() {
        assert!(endpoints(&["aws-moon".to_owned()]).unwrap_err().contains("aws-moon"));
    }
}
