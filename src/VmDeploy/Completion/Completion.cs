using System.Management.Automation.Language;

namespace VmDeploy.PowerShell;

/// <summary>One way to complete an argument: what the user begins to type and sees in the list, and the tooltip.</summary>
internal sealed record Completion(string Name, string? Hint = null)
{
    /// <summary>Other texts that the user can begin to type.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The inserted text, if it is not the name quoted as needed.</summary>
    public string? Text { get; init; }

    /// <summary>As PowerShell's type, which does not allow empty texts.</summary>
    public CompletionResult ToResult() =>
        new(Text ?? Quote(Name), PrintableText.Escape(Name), CompletionResultType.ParameterValue, PrintableText.Escape(string.IsNullOrWhiteSpace(Hint) ? Name : Hint!));

    public static string Quote(string text)
    {
        Parser.ParseInput("x " + text, out var tokens, out var errors);
        var isBare = errors.Length == 0 && tokens.Length == 3 && tokens[1].Text == text
            && tokens[1].Kind is TokenKind.Generic or TokenKind.Identifier or TokenKind.Number
            && tokens[1] is not StringExpandableToken;
        return isBare ? text : Literal(text);
    }

    public static string Literal(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
