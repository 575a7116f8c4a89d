using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VmDeploy.PowerShell;

/// <summary>One way to complete an argument.</summary>
/// <param name="Name">What the user begins to type, and sees in the list.</param>
/// <param name="Hint">What it is.</param>
internal sealed record Completion(string Name, string? Hint = null)
{
    /// <summary>What the user may begin to type instead.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>What is inserted, when it is not the name, quoted where needed.</summary>
    public string? Text { get; init; }

    /// <summary>In PowerShell's terms, which allow no empty texts.</summary>
    public CompletionResult ToResult() =>
        new(Text ?? Quote(Name), Name, CompletionResultType.ParameterValue, string.IsNullOrWhiteSpace(Hint) ? Name : Hint);

    /// <summary>The text as a PowerShell argument.</summary>
    public static string Quote(string text)
    {
        Parser.ParseInput("x " + text, out var tokens, out var errors);
        var isBare = errors.Length == 0
            && tokens.Length == 3
            && tokens[1].Text == text
            && tokens[1].Kind is TokenKind.Generic or TokenKind.Identifier or TokenKind.Number
            && tokens[1] is not StringExpandableToken;
        return isBare ? text : Literal(text);
    }

    /// <summary>The text as a quoted string.</summary>
    public static string Literal(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
