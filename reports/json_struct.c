/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/json_struct.h"

#include "reports/json_values.h"

#include <math.h>

static json_t *array_of(const struct layout_field *field, const void *data)
{
    json_t *array = json_array();
    size_t count;
    const char *elements = field_array(field, data, &count);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_from_struct(field->layout, elements + i * field->layout->size));
    return array;
}

static json_t *field_value(const struct layout_field *field, const void *data)
{
    const void *place = (const char *)data + field->offset;
    double real;

    switch (field->kind) {
    case FIELD_BOOL:
        return json_boolean(*(const bool *)place);
    case FIELD_UINT32:
        return json_from_count(*(const uint32_t *)place);
    case FIELD_UINT64:
        return json_from_count(*(const uint64_t *)place);
    case FIELD_INT64:
        return json_integer(*(const int64_t *)place);
    case FIELD_DOUBLE:
        real = *(const double *)place;
        return isfinite(real) ? json_from_real(real) : json_null();
    case FIELD_CHARS:
        return json_from_text(place);
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        return json_from_text(*(const char *const *)place);
    case FIELD_STRUCT:
        return json_from_struct(field->layout, place);
    case FIELD_ARRAY:
        return array_of(field, data);
    case FIELD_FIXED:
        break;
    }
    return json_null();
}

json_t *json_from_struct(const struct layout *layout, const void *data)
{
    json_t *object = json_object();

    for (size_t i = 0; i < layout->field_count; i++)
        json_object_set_new(object, layout->fields[i].name, field_value(&layout->fields[i], data));
    return object;
}
