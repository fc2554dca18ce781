locals {
  # What is not plain ASCII goes into a header as encoded words, of 75 characters at most (RFC 2047).
  plain_name   = replace(replace(var.creator.name, "\"", ""), "\\", "")
  encoded_name = join(" ", [for part in chunklist(split("", var.creator.name), 10) : "=?UTF-8?B?${base64encode(join("", part))}?="])
  sender_name  = can(regex("^[ -~]+$", var.creator.name)) ? format("\"%s\"", local.plain_name) : local.encoded_name
}

# People sign in with their e-mail address. The pool's own name of a person is a random id, which is also their `sub`.
resource "aws_cognito_user_pool" "this" {
  name                     = var.slug
  user_pool_tier           = "LITE" # has all that is used here, at a third of the price of the next tier
  deletion_protection      = var.protect_data ? "ACTIVE" : "INACTIVE"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = var.settings.mfa == "optional" ? "OPTIONAL" : "OFF"
  tags                     = var.tags

  username_configuration {
    case_sensitive = false
  }

  schema {
    name                = "email"
    attribute_data_type = "String"
    required            = true
    mutable             = true

    string_attribute_constraints {
      min_length = "3"
      max_length = "254"
    }
  }

  # A long password without rules of composition, as NIST advises: https://pages.nist.gov/800-63-4/sp800-63b.html
  password_policy {
    minimum_length                   = 12
    require_lowercase                = false
    require_uppercase                = false
    require_numbers                  = false
    require_symbols                  = false
    temporary_password_validity_days = 7
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  # The old address stays the one to sign in with until the new one is proved.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.settings.self_sign_up
  }

  dynamic "software_token_mfa_configuration" {
    for_each = var.settings.mfa == "optional" ? [true] : []

    content {
      enabled = true
    }
  }

  # Cognito's own sender is good for 50 messages a day and account:
  # https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
  email_configuration {
    email_sending_account = var.sender == null ? "COGNITO_DEFAULT" : "DEVELOPER"
    source_arn            = var.sender == null ? null : var.sender.identity_arn
    from_email_address    = var.sender == null ? null : "${local.sender_name} <${var.sender.address}>"
  }

  lambda_config {
    custom_message    = module.triggers.arns["custom_message"]
    post_confirmation = module.triggers.arns["post_confirmation"]
  }
}

resource "aws_cognito_user_group" "this" {
  for_each = {
    admin     = { precedence = 1, description = "Runs the site for the creator" }
    moderator = { precedence = 2, description = "Keeps order in the chat" }
    member    = { precedence = 3, description = "Everybody who has signed up" }
  }

  user_pool_id = aws_cognito_user_pool.this.id
  name         = each.key
  precedence   = each.value.precedence
  description  = each.value.description
}

# The site is a public client: it can keep no secret. With the hosted pages it uses authorization code and PKCE.
resource "aws_cognito_user_pool_client" "site" {
  name                          = "site"
  user_pool_id                  = aws_cognito_user_pool.this.id
  generate_secret               = false
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true
  access_token_validity         = 60
  id_token_validity             = 60
  refresh_token_validity        = 30
  auth_session_validity         = 3

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "email", "profile", "aws.cognito.signin.user.admin"]
  supported_identity_providers         = ["COGNITO"]
  callback_urls                        = [for origin in var.site_origins : "${origin}/account/"]
  logout_urls                          = [for origin in var.site_origins : "${origin}/"]

  # A name that others get to see is written by PUT /account alone, which looks at it.
  read_attributes  = ["email", "email_verified", "preferred_username"]
  write_attributes = ["email"]
}

data "aws_region" "current" {}

locals {
  # Cognito takes no prefix with these words in it:
  # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
  domain_prefix = "${can(regex("aws|amazon|cognito", var.slug)) ? "site" : var.slug}-${var.creator.account_id}"
}

resource "aws_cognito_user_pool_domain" "this" {
  domain       = local.domain_prefix
  user_pool_id = aws_cognito_user_pool.this.id
}

locals {
  # Black has more contrast with the primary colour than white from this relative luminance on:
  # https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
  shares     = [for place in [1, 3, 5] : parseint(substr(var.branding.primary, place, 2), 16) / 255]
  linear     = [for share in local.shares : share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)]
  luminance  = 0.2126 * local.linear[0] + 0.7152 * local.linear[1] + 0.0722 * local.linear[2]
  on_primary = local.luminance > 0.1791 ? "#000000" : "#ffffff"
}

resource "aws_cognito_user_pool_ui_customization" "this" {
  user_pool_id = aws_cognito_user_pool_domain.this.user_pool_id # the pages are there with the domain only

  css = <<-CSS
    .background-customizable { background-color: ${var.branding.background}; }
    .banner-customizable { background-color: ${var.branding.accent}; }
    .submitButton-customizable { background-color: ${var.branding.primary}; color: ${local.on_primary}; }
    .submitButton-customizable:hover { background-color: ${var.branding.primary}; color: ${local.on_primary}; }
  CSS
}
