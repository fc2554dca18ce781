# The functions of the first region that answer visitors, over the tables' replicas. They take no write until the
# switch names this region, and nothing but a request calls them: what works in the background does so once.
module "artifacts" {
  source = "../lambda-artifacts"

  bucket       = "${var.creator.slug}-lambda-artifacts-${var.creator.account_id}-standby"
  layer_name   = "${var.creator.slug}-libraries"
  runtime      = var.artifacts.runtime
  architecture = var.artifacts.architecture
  layer        = var.artifacts.layer
  packages     = { for name in keys(var.modules) : name => var.artifacts.packages[name] }
  tags         = var.tags
}

module "http_api" {
  source = "../http-api"

  name               = var.creator.slug
  cors_origins       = var.site_origins
  has_members        = var.creator.members != null
  members            = var.creator.members
  route_throttles    = merge([for functions in module.functions : functions.route_throttles]...)
  log_retention_days = var.log_retention_days
  tags               = var.tags
}

locals {
  home    = ":${var.creator.failover.home}:"
  standby = ":${var.creator.failover.region}:"

  creator = merge(var.creator, {
    failover = merge(var.creator.failover, { switch_arn = replace(var.creator.failover.switch_arn, local.home, local.standby) })
  })
}

module "functions" {
  source   = "../lambda-functions"
  for_each = var.modules

  module             = each.key
  creator            = local.creator
  name_suffix        = "-standby"
  environment        = each.value.environment
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  functions = { for name, function in each.value.functions : name => merge(function, {
    permissions = [for permission in function.permissions : merge(permission, {
      resources = [for resource in permission.resources : replace(resource, local.home, local.standby)]
    })]
  }) }

  api = {
    id            = module.http_api.api_id
    execution_arn = module.http_api.execution_arn
    authorizer_id = module.http_api.authorizer_id
  }

  code = merge(module.artifacts.packages[each.key], {
    layer_arn    = module.artifacts.layer_arn
    runtime      = var.artifacts.runtime
    architecture = var.artifacts.architecture
  })
}
