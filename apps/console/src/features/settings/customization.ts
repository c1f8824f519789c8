import { omit } from '../../common/omit'
import type { Customization } from '../../engine/metadata'

/** Content of the form of the names of a source. */
export interface NamingFields {
  /** Empty for the default of the engine. */
  convention: string
  namespace: string
  rootPrefix: string
  rootSuffix: string
  typePrefix: string
  typeSuffix: string
}

export function fieldsOf({ naming_convention, root_fields, type_names }: Customization = {}): NamingFields {
  return {
    convention: naming_convention ?? '',
    namespace: root_fields?.namespace ?? '',
    rootPrefix: root_fields?.prefix ?? '',
    rootSuffix: root_fields?.suffix ?? '',
    typePrefix: type_names?.prefix ?? '',
    typeSuffix: type_names?.suffix ?? '',
  }
}

/** Returns the customization without what is empty; what the form does not show is kept. */
export function customizationOf(fields: NamingFields, previous: Customization = {}): Customization {
  const given = (values: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(values)
        .map(([key, text]) => [key, text.trim()] as const)
        .filter(([, text]) => text !== ''),
    )
  const { convention, namespace, rootPrefix, rootSuffix, typePrefix, typeSuffix } = fields
  const root_fields = given({ namespace, prefix: rootPrefix, suffix: rootSuffix })
  const type_names = given({ prefix: typePrefix, suffix: typeSuffix })
  return {
    ...omit(previous, 'naming_convention', 'root_fields', 'type_names'),
    ...given({ naming_convention: convention }),
    ...(Object.keys(root_fields).length > 0 && { root_fields }),
    ...(Object.keys(type_names).length > 0 && { type_names }),
  }
}
