mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:eu-central-1:111122223333:certificate/example"
      domain_validation_options = [
        { domain_name = "api.kasper.live", resource_record_name = "_a.api.kasper.live.", resource_record_type = "CNAME", resource_record_value = "_1.acm-validations.aws." },
      ]
    }
  }
  mock_resource "aws_apigatewayv2_domain_name" {
    defaults = {
      id                        = "api.kasper.live"
      domain_name_configuration = { target_domain_name = "d-home.execute-api.eu-central-1.amazonaws.com", hosted_zone_id = "ZHOME" }
    }
  }
  mock_resource "aws_route53_health_check" {
    defaults = { id = "11111111-2222-3333-4444-555555555555" }
  }
}

mock_provider "aws" {
  alias = "standby"

  mock_resource "aws_acm_certificate" {
    defaults = { arn = "arn:aws:acm:eu-west-1:111122223333:certificate/example" }
  }
  mock_resource "aws_apigatewayv2_domain_name" {
    defaults = {
      id                        = "api.kasper.live"
      domain_name_configuration = { target_domain_name = "d-second.execute-api.eu-west-1.amazonaws.com", hosted_zone_id = "ZSECOND" }
    }
  }
}

variables {
  slug        = "kasper"
  domain      = "kasper.live"
  zone_id     = "Z1"
  api         = { id = "h1h1h1h1h1", stage = "$default", endpoint = "https://h1h1h1h1h1.execute-api.eu-central-1.amazonaws.com" }
  standby_api = { id = "s2s2s2s2s2", stage = "$default" }
}

run "one_name_for_two_regions" {
  assert {
    condition     = output.url == "https://api.kasper.live" && aws_apigatewayv2_domain_name.home.domain_name == aws_apigatewayv2_domain_name.standby.domain_name
    error_message = "Both regions answer to the same name."
  }

  assert {
    condition     = aws_apigatewayv2_api_mapping.home.api_id == "h1h1h1h1h1" && aws_apigatewayv2_api_mapping.standby.api_id == "s2s2s2s2s2"
    error_message = "Each region's name leads to its own API."
  }

  assert {
    condition = {
      for name, record in aws_route53_record.api : name => [one(record.failover_routing_policy).type, one(record.alias).zone_id, coalesce(record.health_check_id, "none")]
      } == {
      PRIMARY   = ["PRIMARY", "ZHOME", "11111111-2222-3333-4444-555555555555"]
      SECONDARY = ["SECONDARY", "ZSECOND", "none"]
    }
    error_message = "The second region answers when the first one's check is red, whatever it is itself."
  }

  assert {
    condition = (
      aws_route53_health_check.home.fqdn == "h1h1h1h1h1.execute-api.eu-central-1.amazonaws.com" && aws_route53_health_check.home.resource_path == "/health"
      && aws_route53_health_check.home.type == "HTTPS" && aws_route53_health_check.home.failure_threshold == 3 && length(aws_route53_health_check.home.regions) == 3
    )
    error_message = "The first region is asked under a name that does not move, from as few places as can be."
  }
}
