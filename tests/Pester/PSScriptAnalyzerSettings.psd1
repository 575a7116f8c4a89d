@{
    Severity     = 'Error', 'Warning'
    ExcludeRules = @(
        # Pester runs BeforeAll and It in scopes that the analyzer does not follow.
        'PSUseDeclaredVarsMoreThanAssignments'
        # The simulator's password is no secret.
        'PSAvoidUsingConvertToSecureStringWithPlainText'
        # Helpers that make files in a test's own folder need no -WhatIf.
        'PSUseShouldProcessForStateChangingFunctions'
        # PowerShell 7 runs the tests, and reads UTF-8 without a mark.
        'PSUseBOMForUnicodeEncodedFile'
    )
}
