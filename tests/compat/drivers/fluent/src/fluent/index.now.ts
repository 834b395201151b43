import '@servicenow/sdk/global'
import {
    Table,
    StringColumn,
    ChoiceColumn,
    BusinessRule,
    RestApi,
    Record,
    DateTimeColumn,
    GenericColumn,
    GuidColumn,
    IntegerColumn,
} from '@servicenow/sdk/core'

export const x_acme_notes_note = Table({
    name: 'x_acme_notes_note',
    label: 'Note',
    allowWebServiceAccess: true,
    schema: {
        title: StringColumn({ label: 'Title', maxLength: 80, mandatory: true }),
        mood: ChoiceColumn({
            label: 'Mood',
            choices: { good: { label: 'Good', sequence: 0 }, bad: { label: 'Bad', sequence: 1 } },
        }),
        stamp: StringColumn({ label: 'Stamp' }),
        sys_created_by: StringColumn({
            label: 'Created by',
        }),
        sys_created_on: DateTimeColumn({
            label: 'Created',
        }),
        sys_id: GuidColumn({
            label: 'Sys ID',
            primary: true,
            unique: true,
        }),
        sys_mod_count: IntegerColumn({
            label: 'Updates',
        }),
        sys_tags: GenericColumn({
            columnType: 'related_tags',
            label: 'Tags',
            maxLength: 255,
        }),
        sys_updated_by: StringColumn({
            label: 'Updated by',
        }),
        sys_updated_on: DateTimeColumn({
            label: 'Updated',
        }),
    },
})

BusinessRule({
    $id: Now.ID['stamp-rule'],
    name: 'Stamp notes',
    table: 'x_acme_notes_note',
    when: 'before',
    action: ['insert'],
    script: `(function executeRule(current, previous) { current.stamp = 'seen'; })(current, previous);`,
})

RestApi({
    $id: Now.ID['api'],
    name: 'Notes API',
    serviceId: 'notes',
    routes: [
        {
            $id: Now.ID['hello'],
            name: 'hello',
            path: '/hello',
            method: 'GET',
            script: `(function process(request, response) { response.setBody({ hello: 'world' }); })(request, response);`,
            consumes: 'application/json,application/xml,text/xml',
            produces: 'application/json,application/xml,text/xml',
        },
    ],
})

Record({
    $id: Now.ID['demo'],
    table: 'x_acme_notes_note',
    data: { title: 'First note', mood: 'good' },
    $meta: { installMethod: 'demo' },
})
