output "products_table" {
  description = "Name of the table of products."
  value       = module.products.name
}

output "orders_table" {
  description = "Name of the table of orders."
  value       = module.orders.name
}

output "images_bucket" {
  description = "Name of the bucket of the products' pictures."
  value       = module.images.bucket_id
}

output "images_domain" {
  description = "Host name of the bucket of the products' pictures."
  value       = module.images.bucket_regional_domain_name
}

output "stripe_secrets" {
  description = "Names of the parameters that Stripe's secret key and the webhook's signing secret are put into."
  value       = { for key, parameter in aws_ssm_parameter.stripe : key => parameter.name }
}

output "waiting_for" {
  description = "What a person still has to do before the shop can take payments."
  value = concat(
    [for key, parameter in aws_ssm_parameter.stripe : {
      module = "shop"
      what   = local.secrets[key].what
      where  = "Systems Manager, Parameter Store: ${parameter.name}"
      action = "fleet secrets set ${var.creator.slug} ${trimprefix(parameter.name, "/${var.creator.slug}/")}"
    } if parameter.version == 1],
    var.settings.publishable_key == null ? [{
      module = "shop"
      what   = "Stripe's publishable key (pk_…)"
      where  = "creator.toml, [modules.shop]"
      action = "Set publishable_key and apply"
    }] : [],
  )
}

output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. Stripe's secrets are in the first region alone, so that nothing is ordered in the second."
  value = {
    functions = {
      get_products  = local.functions.get_products
      manage_orders = local.functions.manage_orders
      create_order = merge(local.functions.create_order, {
        routes      = { for route, by in local.functions.create_order.routes : route => by if startswith(route, "GET ") }
        permissions = [{ actions = ["dynamodb:GetItem"], resources = [local.orders] }]
      })
    }
    environment = module.functions.environment
  }
}
