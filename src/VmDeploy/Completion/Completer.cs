using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation.Language;

namespace VmDeploy.PowerShell;

/// <summary>
/// Completes an argument. A search that fails or takes longer than a second (the first of its kind: three) gives no completions,
/// because an error or a wait would disturb typing; but it continues, and the next completion of the same line has what it found.
/// </summary>
internal abstract class Completer : IArgumentCompleter
{
    // The first search of its kind in a process compiles the code that it runs.
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(15);
    private static readonly ConcurrentDictionary<Type, bool> s_warm = new();
    private static volatile Search? s_late;

    /// <summary>The typed part of the argument, without quotes.</summary>
    protected string Word { get; private set; } = "";

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            Word = wordToComplete.Trim('\'', '"');
            // A bracket at the start belongs to a path on a datastore, and one that is not closed yet to a name.
            Func<string, bool>? typed = Word.Length == 0 ? null : Word[0] == '[' || (Word.Contains("[") && !Word.Contains("]"))
                ? text => text.StartsWith(Word, StringComparison.OrdinalIgnoreCase)
                : WildcardPattern.Get(Word + "*", WildcardOptions.IgnoreCase).IsMatch;
            var line = $"{parameterName} {wordToComplete} {commandAst}";
            var search = s_late is { } late && late.Line == line && late.Ends > DateTime.UtcNow ? late : Begin(line, Find(fakeBoundParameters, typed));
            s_late = null;
            if (!search.Found.Wait(s_warm.ContainsKey(GetType()) ? s_wait : s_firstWait))
            {
                s_late = search;
                return [];
            }
            s_warm[GetType()] = true;
            // Different things can have the same name.
            return search.Found.Result.Where(one => typed is null || one.Aliases.Prepend(one.Name).Any(typed))
                .GroupBy(one => one.Text ?? one.Name).Select(same => same.First().ToResult()).ToList();
        }
        catch (Exception e) when (e is AggregateException or VmDeployException or RuntimeException)
        {
            return [];
        }
    }

    /// <summary>
    /// Prepares, on the pipeline thread, the search that runs on the thread pool. <paramref name="typed"/> tests names, for searches
    /// that can read less then; null if nothing was typed.
    /// </summary>
    internal abstract Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed);

    private static Search Begin(string line, Func<CancellationToken, Task<IEnumerable<Completion>>> find) => new(line, DateTime.UtcNow + s_timeLimit, Task.Run(async () =>
    {
        using var limit = new CancellationTokenSource(s_timeLimit);
        return await find(limit.Token);
    }));

    private sealed record Search(string Line, DateTime Ends, Task<IEnumerable<Completion>> Found);
}
