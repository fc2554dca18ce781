locals {
  managed_rule_groups = ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet"]
  rate_rule           = "requests-per-address"
}

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV2_AWS_31:A log would keep visitors' addresses; samples and counts are on

  count    = var.waf ? 1 : 0
  provider = aws.us_east_1 # where AWS keeps what belongs to CloudFront

  name        = "${var.slug}-site"
  description = "Guards ${var.domain}"
  scope       = "CLOUDFRONT"
  tags        = var.tags

  default_action {
    allow {}
  }

  rule {
    name     = local.rate_rule
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        aggregate_key_type = "IP"
        limit              = var.waf_rate_limit
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = local.rate_rule
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.managed_rule_groups

    content {
      name     = rule.value
      priority = rule.key + 1

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.value
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "${var.slug}-site"
    sampled_requests_enabled   = true
  }
}
