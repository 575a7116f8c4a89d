using System.Collections;
using System.Management.Automation.Language;

namespace VmDeploy.PowerShell;

/// <summary>
/// Completes an argument. A search that fails or takes longer than a second gives no completions, because an error or a wait
/// would disturb typing.
/// </summary>
internal abstract class Completer : IArgumentCompleter
{
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMilliseconds(900);

    /// <summary>The typed part of the argument, without quotes.</summary>
    protected string Word { get; private set; } = "";

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            using var limit = new CancellationTokenSource(s_timeLimit);
            Word = wordToComplete.Trim('\'', '"');
            // A bracket at the start belongs to a path on a datastore.
            Func<string, bool>? typed = Word.Length == 0 ? null : Word[0] == '[' ? text => text.StartsWith(Word, StringComparison.OrdinalIgnoreCase)
                : WildcardPattern.Get(Word + "*", WildcardOptions.IgnoreCase).IsMatch;
            var work = Find(fakeBoundParameters, typed);
            var found = Task.Run(() => work(limit.Token), CancellationToken.None);
            if (!found.Wait((int)s_timeLimit.TotalMilliseconds))
                return [];
            return found.Result.Where(one => typed is null || one.Aliases.Prepend(one.Name).Any(typed)).Select(one => one.ToResult()).ToList();
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
}
